// HTTP-002: the HTTP Gateway runs and answers.

import { checkItem } from '../../item.ts'

export const answers = checkItem({
  id: 'HTTP-002',
  title: 'HTTP Gateway runs',
  fault: 'HTTP Gateway does not answer',
  why: 'Browsers on the LAN reach no container through this host.',
  causes: [
    'nginx was stopped or killed.',
    'nginx refuses its configuration.',
    'Another program has its port.',
  ],
  steps: [
    'tail -n 20 /var/log/flatnet/http-gateway-error.log',
    'systemctl restart flatnet-http-gateway',
    'flatnet-cni http-gateway install',
  ],
  needs: ['httpGateway'],
  after: ['HTTP-001', 'HTTP-003'],
  judge: ({ httpGateway: { isInstalled, pid, problem, hosts, names } }) => {
    if (!isInstalled) return { verdict: 'skip', seen: 'no HTTP Gateway is installed on this host' }
    if (problem === undefined)
      return {
        verdict: 'ok',
        seen: `process ${String(pid)} knows ${String(names)} names on ${String(hosts)} hosts`,
      }
    if (pid === undefined)
      return { verdict: 'fail', fault: 'HTTP Gateway is not running', seen: 'no nginx runs' }
    return { verdict: 'fail', seen: problem }
  },
})
