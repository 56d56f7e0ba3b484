// CERT-013: all peer certificates are good.

import { checkItem, type Finding } from '../../item.ts'

export const peersItem = checkItem({
  id: 'CERT-013',
  title: "peers' certificates are valid",
  fault: "peer's certificate is refused",
  why:
    'This host has no route to a peer whose certificate it refuses: ' +
    'the containers there cannot be reached from here.',
  causes: [
    'It has expired, or the clocks of the two hosts differ.',
    'It was signed by a CA that this host does not have.',
    'The file was damaged on its way here.',
  ],
  steps: [
    'get the current certificate of that host, put it into /etc/flatnet/peers.d, then: flatnet-cni sync',
  ],
  needs: ['peers'],
  judge: ({ peers: { accepted, refused } }) => [
    ...refused
      .filter(({ reason }) => !isOverlap(reason))
      .map(({ peer, reason }): Finding => ({ verdict: 'fail', subject: peer, seen: reason })),
    ...accepted.map(({ name }): Finding => ({ verdict: 'ok', subject: name, seen: 'accepted' })),
  ],
})

/** Tells whether a peer was refused for the subnet it claims, and not for its certificate. */
export function isOverlap(reason: string): boolean {
  return reason.startsWith('its ')
}
