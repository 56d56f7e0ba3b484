// CERT-013: the peers' certificates.

import { checkItem, type Finding } from '../../item.ts'

export const peersItem = checkItem({
  id: 'CERT-013',
  title: "peers' certificates are all good",
  why: 'A peer whose certificate is refused is not routed to: its containers cannot be reached from here.',
  causes: [
    'It has expired, or its clock and ours differ.',
    'It was signed by a CA that this host does not have.',
    'The file was damaged on its way here.',
  ],
  steps: [
    'get the current certificate of that host and put it into /etc/flatnet/peers.d, then: flatnet-cni sync',
  ],
  needs: ['peers'],
  judge: ({ peers: { accepted, refused } }) => [
    ...refused
      .filter(({ reason }) => !isOverlap(reason))
      .map(({ peer, reason }): Finding => ({ verdict: 'fail', subject: peer, seen: reason })),
    ...accepted.map(({ name }): Finding => ({ verdict: 'ok', subject: name, seen: 'is routed to' })),
  ],
})

/** Whether a peer was refused for what it claims, not for its certificate. */
export function isOverlap(reason: string): boolean {
  return reason.startsWith('its ')
}
