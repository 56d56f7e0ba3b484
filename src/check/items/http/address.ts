// HTTP-009: other hosts are told where this host's HTTP Gateway is.

import { checkItem } from '../../item.ts'

export const address = checkItem({
  id: 'HTTP-009',
  title: "other hosts know this HTTP Gateway's address",
  fault: "other hosts do not know this HTTP Gateway's address",
  why: 'While no other path works, they reach the containers of this host through it, over the LAN.',
  causes: ['The host has no default route, from which the address would follow.'],
  steps: ['set httpGateway.lanAddress in /etc/flatnet/flatnet.json', 'systemctl reload flatnet-agent'],
  needs: ['httpGateway'],
  after: ['HTTP-002', 'HTTP-005'],
  judge: ({ httpGateway: { isInstalled, problem, gateways } }) => {
    if (!isInstalled) return { verdict: 'skip', seen: 'no HTTP Gateway is installed on this host' }
    if (problem !== undefined) return { verdict: 'skip', seen: 'the HTTP Gateway does not answer' }
    const own = gateways?.find(({ state }) => state === 'self')
    if (own === undefined) return { verdict: 'skip', seen: 'the agent has told nothing of it yet' }
    return own.address === null
      ? { verdict: 'warn', seen: 'the agent knows no address of this host on the LAN' }
      : { verdict: 'ok', seen: own.address }
  },
})
