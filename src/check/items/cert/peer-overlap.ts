// CERT-014: no other host claims this host's container subnet.

import { checkItem, type Finding } from '../../item.ts'
import { isOverlap } from './peers.ts'

export const peerOverlapItem = checkItem({
  id: 'CERT-014',
  title: 'no two hosts have overlapping container subnets',
  fault: 'container subnets of two hosts overlap',
  why:
    'Two hosts with one subnet give the same address to two containers. ' +
    'No host routes to the one whose certificate was issued later.',
  causes: ['A subnet was used twice when certificates were signed: neither nebula-cert nor Nebula checks.'],
  steps: ['nebula-cert print -path FILE   # of both hosts', 'sign the later one again with an unused subnet'],
  needs: ['peers'],
  judge: ({ peers: { accepted, refused, ownRefused } }): readonly Finding[] => {
    const clashes = refused
      .filter(({ reason }) => isOverlap(reason))
      .map(({ peer, reason }): Finding => ({ verdict: 'fail', subject: peer, seen: reason }))
    const own: readonly Finding[] =
      ownRefused === undefined ? [] : [{ verdict: 'fail', subject: 'this host', seen: ownRefused }]
    if (clashes.length + own.length > 0) return [...own, ...clashes]
    return [{ verdict: 'ok', seen: `${String(accepted.length)} peers, no overlap` }]
  },
})
