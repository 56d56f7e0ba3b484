// GW-004: hops for single peers name known peers.

import { checkItem } from '../../item.ts'

export const peerGateways = checkItem({
  id: 'GW-004',
  title: 'peerGateways names known peers only',
  fault: 'peerGateways names an unknown peer',
  why:
    'A hop for an address that no peer has does nothing; the peer it was meant for uses the default ' +
    'gateway hop.',
  causes: [
    'A host got another overlay address.',
    "The key is a LAN address; it must be the peer's overlay address.",
  ],
  steps: [
    'correct the keys of "peerGateways" in /etc/flatnet/flatnet.json: overlay address of the peer, ' +
      'then its LAN address as the value',
  ],
  needs: ['gateway'],
  after: ['SYS-001'],
  judge: ({ gateway: { hops, refusedHops, peers } }) => {
    const own = [...hops, ...refusedHops].flatMap(({ peer }) => peer ?? [])
    if (own.length === 0) return { verdict: 'skip', seen: 'the settings have no peerGateways' }
    const unknown = own.filter((peer) => !peers.some(({ overlay }) => overlay.includes(peer)))
    if (unknown.length > 0) return { verdict: 'warn', seen: `no peer has ${unknown.join(' or ')}` }
    return { verdict: 'ok', seen: `${String(own.length)} peers have a separate hop` }
  },
})
