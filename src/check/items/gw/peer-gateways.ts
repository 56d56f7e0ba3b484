// GW-004: hops of single peers are for peers that there are.

import { checkItem } from '../../item.ts'

export const peerGateways = checkItem({
  id: 'GW-004',
  title: 'hops of single peers belong to known peers',
  why: 'A hop written down for an address that no peer has does nothing; the peer it was meant for takes the default gateway.',
  causes: [
    'A host got another overlay address.',
    'The key is a LAN address; it has to be the overlay address of the peer.',
  ],
  steps: [
    'correct the keys of "peerGateways" in /etc/flatnet/flatnet.json: overlay address of the peer to its LAN address',
  ],
  needs: ['gateway'],
  after: ['SYS-001'],
  judge: ({ gateway: { hops, refusedHops, peers } }) => {
    const own = [...hops, ...refusedHops].flatMap(({ peer }) => peer ?? [])
    if (own.length === 0) return { verdict: 'skip', seen: 'the settings name none' }
    const unknown = own.filter((peer) => !peers.some(({ overlay }) => overlay.includes(peer)))
    if (unknown.length > 0) return { verdict: 'warn', seen: `no peer has ${unknown.join(' or ')}` }
    return { verdict: 'ok', seen: `${String(own.length)} peers have a hop of their own` }
  },
})
