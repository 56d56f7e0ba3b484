// GW-001: the gateway hops are usable and answer on their links.

import type { GatewayFacts, GatewayHopFacts } from '../../facts/gateway.ts'
import { checkItem, type Finding } from '../../item.ts'

// Neighbour states without a link-layer address to send to: ip-neighbour(8).
const SILENT = new Set(['FAILED', 'INCOMPLETE'])
const FILE = '/etc/flatnet/flatnet.json'

export const hop = checkItem({
  id: 'GW-001',
  title: 'gateway hop answers',
  fault: 'gateway hop does not answer',
  why:
    'All traffic that does not go directly passes the gateway hop: while it is silent, ' +
    'the gateway path is dead for every peer. While it is on no network of this host, no container starts.',
  causes: [
    'The address of the gateway changed; in WSL2 this happens when Windows restarts.',
    'The host moved to another network, and the settings name an address of the earlier one.',
    'The gateway is off.',
  ],
  steps: [
    'ip route show default',
    'set "gateway": {"via": "auto"} in /etc/flatnet/flatnet.json, or the right address',
    'flatnet-cni sync',
  ],
  needs: ['gateway', 'role'],
  after: ['SYS-001'],
  judge: ({ gateway, role }): Finding | readonly Finding[] => {
    if (role.isBareLighthouse) return { verdict: 'skip', seen: 'a lighthouse without containers' }
    const { hops, refusedHops, wanted, otherTables } = gateway
    const found = [
      ...refusedHops.map(({ peer, problem }) => refused(peer, problem, gateway)),
      ...hops.map((each) => judgeHop(each, gateway)),
    ]
    if (found.length > 0) return found
    if (wanted === 'none') return { verdict: 'skip', seen: 'the settings ask for no gateway path' }
    const elsewhere = otherTables.length === 0 ? '' : `; other tables have one: ${otherTables.join(', ')}`
    return {
      verdict: 'fail',
      fault: 'no gateway hop was found',
      seen: `the main routing table has no default route to take a gateway hop from${elsewhere}`,
      next: ['ip route show table all default', `set "gateway": {"via": "ADDRESS"} in ${FILE}`],
    }
  },
})

function refused(peer: string | undefined, problem: string, gateway: GatewayFacts): Finding {
  const key = peer === undefined ? 'gateway.via' : `peerGateways.${peer}`
  const next = ['ip route', `correct ${key} in ${FILE}, or remove it`, 'flatnet-cni sync']
  const seen = `no container can start: ${problem}`
  return { verdict: 'fail', fault: 'gateway hop cannot be used', ...about(peer, gateway), seen, next }
}

// All peers use the host's default hop. The hop of one peer is often the peer itself, and may simply be
// switched off.
function judgeHop({ via, dev, peer, neighbour }: GatewayHopFacts, gateway: GatewayFacts): Finding {
  const subject = about(peer, gateway)
  if (neighbour === undefined || !SILENT.has(neighbour))
    return { verdict: 'ok', ...subject, seen: textOf({ via, dev }) }
  const seen = `${textOf({ via, dev })} does not answer (${via?.includes(':') === true ? 'NDP' : 'ARP'})`
  if (peer === undefined) return { verdict: 'fail', seen }
  const next = [`check that ${via ?? dev} is on, and is still the address of that host`, 'flatnet-cni sync']
  return { verdict: 'warn', ...subject, seen, after: ['PATH-002'], next }
}

function textOf({ via, dev }: Pick<GatewayHopFacts, 'via' | 'dev'>): string {
  return via === undefined ? `${dev}, without a next hop` : `${via} on ${dev}`
}

// A peer is reported by name, as in the group PATH.
function about(peer: string | undefined, { peers }: GatewayFacts): { readonly subject?: string } {
  if (peer === undefined) return {}
  return { subject: peers.find(({ overlay }) => overlay.includes(peer))?.name ?? peer }
}
