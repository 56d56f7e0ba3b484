// CERT-014: nobody else has our addresses.

import { checkItem, type Finding } from '../../item.ts'
import { isOverlap } from './peers.ts'

export const peerOverlapItem = checkItem({
  id: 'CERT-014',
  title: 'no two hosts have the same container subnet',
  why: 'Two hosts with one subnet give the same address to two containers. The host whose certificate was issued later is not routed to.',
  causes: [
    'A subnet was given out twice when the certificates were signed: neither nebula-cert nor Nebula looks.',
  ],
  steps: [
    'nebula-cert print -path FILE   # of both hosts',
    'sign the later one again with a subnet that nobody has',
  ],
  needs: ['peers'],
  judge: ({ peers: { accepted, refused, ownRefused } }): readonly Finding[] => {
    const clashes = refused
      .filter(({ reason }) => isOverlap(reason))
      .map(({ peer, reason }): Finding => ({ verdict: 'fail', subject: peer, seen: reason }))
    const own: readonly Finding[] =
      ownRefused === undefined ? [] : [{ verdict: 'fail', subject: 'this host', seen: ownRefused }]
    if (clashes.length + own.length > 0) return [...own, ...clashes]
    return [{ verdict: 'ok', seen: `${String(accepted.length)} peers, each with a subnet of its own` }]
  },
})
