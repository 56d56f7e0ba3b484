// GW-001: the gateway hop answers on its link.

import { checkItem } from '../../item.ts'
import type { GatewayHopFacts } from '../../facts/gateway.ts'

// neighbour states in which the kernel has no address to send to: ip-neighbour(8).
const SILENT = new Set(['FAILED', 'INCOMPLETE'])

export const hop = checkItem({
  id: 'GW-001',
  title: 'gateway hop answers',
  why: 'It is the next stop of everything that cannot go directly: silent, the gateway path is dead for every peer.',
  causes: [
    'The address of the gateway has changed: in WSL2 that happens with a restart of Windows.',
    'The gateway is off.',
  ],
  steps: [
    'ip route show default',
    'set "gateway": {"via": "auto"} in /etc/flatnet/flatnet.json, or the right address',
    'flatnet-cni sync',
  ],
  needs: ['gateway'],
  after: ['SYS-001'],
  judge: ({ gateway: { hops, wanted } }) => {
    if (wanted === 'none' && hops.length === 0)
      return { verdict: 'skip', seen: 'the settings ask for no gateway path' }
    if (hops.length === 0) {
      return {
        verdict: 'fail',
        seen: 'there is no default route to take a gateway from',
        next: ['ip route show', 'set "gateway": {"via": "ADDRESS"} in /etc/flatnet/flatnet.json'],
      }
    }
    const silent = hops.filter(isSilent)
    if (silent.length > 0)
      return {
        verdict: 'fail',
        seen: silent.map((each) => `${each.via} on ${each.dev} does not answer (ARP)`).join('; '),
      }
    return { verdict: 'ok', seen: hops.map(({ via, dev }) => `${via} on ${dev}`).join(', ') }
  },
})

function isSilent({ neighbour }: GatewayHopFacts): boolean {
  return neighbour !== undefined && SILENT.has(neighbour)
}
