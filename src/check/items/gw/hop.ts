// GW-001: the gateway hops can be used, and answer on their links.

import type { GatewayFacts, GatewayHopFacts } from '../../facts/gateway.ts'
import { checkItem, type Finding } from '../../item.ts'

// neighbour states in which the kernel has no address to send to: ip-neighbour(8).
const SILENT = new Set(['FAILED', 'INCOMPLETE'])
const FILE = '/etc/flatnet/flatnet.json'

export const hop = checkItem({
  id: 'GW-001',
  title: 'gateway hop answers',
  why: 'It is the next stop of everything that cannot go directly: silent, the gateway path is dead for every peer. With one that is on no network of this host no container starts.',
  causes: [
    'The address of the gateway has changed: in WSL2 that happens with a restart of Windows.',
    'The host was taken to another network, and the settings name an address of the earlier one.',
    'The gateway is off.',
  ],
  steps: [
    'ip route show default',
    'set "gateway": {"via": "auto"} in /etc/flatnet/flatnet.json, or the right address',
    'flatnet-cni sync',
  ],
  needs: ['gateway'],
  after: ['SYS-001'],
  judge: ({ gateway }): Finding | readonly Finding[] => {
    const { hops, refusedHops, wanted } = gateway
    const found = [
      ...refusedHops.map(({ peer, problem }) => refused(peer, problem, gateway)),
      ...hops.map((each) => judgeHop(each, gateway)),
    ]
    if (found.length > 0) return found
    if (wanted === 'none') return { verdict: 'skip', seen: 'the settings ask for no gateway path' }
    return {
      verdict: 'fail',
      seen: 'there is no default route to take a gateway from',
      next: ['ip route show', `set "gateway": {"via": "ADDRESS"} in ${FILE}`],
    }
  },
})

function refused(peer: string | undefined, problem: string, gateway: GatewayFacts): Finding {
  const key = peer === undefined ? 'gateway.via' : `peerGateways.${peer}`
  const next = ['ip route', `correct ${key} in ${FILE}, or remove it`, 'flatnet-cni sync']
  return { verdict: 'fail', ...about(peer, gateway), seen: `no container can start: ${problem}`, next }
}

// The host's own hop is everybody's; that of one peer is often the peer itself, and may simply be switched off.
function judgeHop({ via, dev, peer, neighbour }: GatewayHopFacts, gateway: GatewayFacts): Finding {
  const subject = about(peer, gateway)
  if (neighbour === undefined || !SILENT.has(neighbour))
    return { verdict: 'ok', ...subject, seen: `${via} on ${dev}` }
  const seen = `${via} on ${dev} does not answer (ARP)`
  if (peer === undefined) return { verdict: 'fail', seen }
  const next = [`see that ${via} is switched on, and is still the address of that host`, 'flatnet-cni sync']
  return { verdict: 'warn', ...subject, seen, after: ['PATH-002'], next }
}

// A peer goes by its name, as in the group PATH.
function about(peer: string | undefined, { peers }: GatewayFacts): { readonly subject?: string } {
  if (peer === undefined) return {}
  return { subject: peers.find(({ overlay }) => overlay.includes(peer))?.name ?? peer }
}
