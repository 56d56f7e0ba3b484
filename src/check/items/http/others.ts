// HTTP-006: the HTTP Gateways of other hosts are reached over the LAN.

import { checkItem } from '../../item.ts'

export const others = checkItem({
  id: 'HTTP-006',
  title: 'other HTTP Gateways are reached over the LAN',
  fault: 'another HTTP Gateway is not reached over the LAN',
  why: 'It is the last way to the containers of that host, while no other path works.',
  causes: [
    'nginx does not run there.',
    'A firewall on the LAN, or that of Windows, closes the port.',
    'httpGateway.lanAddress or lanPort there names another machine, or Windows does not forward the port.',
  ],
  steps: ['flatnet-cni check --group HTTP on that host', 'curl -v http://ADDRESS/api/v1/gateways here'],
  needs: ['httpGateway'],
  after: ['HTTP-002', 'HTTP-005'],
  judge: ({ httpGateway: { isInstalled, problem, gateways } }) => {
    if (!isInstalled) return { verdict: 'skip', seen: 'no HTTP Gateway is installed on this host' }
    if (problem !== undefined) return { verdict: 'skip', seen: 'the HTTP Gateway does not answer' }
    if (gateways === undefined) return { verdict: 'skip', seen: 'the agent has told of no others yet' }
    const all = gateways.filter(({ state }) => state !== 'self')
    if (all.length === 0) return { verdict: 'ok', seen: 'no other host has one' }
    return all.map(({ host: subject, address, state, detail }) => {
      const where = `at ${address ?? 'an unknown address'}`
      if (state === 'up') return { verdict: 'ok', subject, seen: `it answers ${where}` }
      if (state === 'unknown') return { verdict: 'ok', subject, seen: `it has not been asked yet ${where}` }
      if (state === 'down') return { verdict: 'warn', subject, seen: `no answer ${where}: ${detail ?? ''}` }
      const fault = 'something else answers in place of an HTTP Gateway'
      return { verdict: 'warn', fault, subject, seen: `${where}: ${detail ?? ''}` }
    })
  },
})
