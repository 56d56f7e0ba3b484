// PATH-008: the direct path is not held back.

import { checkItem } from '../../item.ts'

// The hold-off after one fall; what is longer comes of falling again and again (src/escalation/options.ts).
const LONG_SECONDS = 30

export const heldBack = checkItem({
  id: 'PATH-008',
  title: 'direct path is not held back',
  why: 'A direct path that failed again and again is left alone for a while, so that connections are not thrown to and fro.',
  causes: ['The direct path came and went several times within minutes.'],
  steps: ['flatnet-cni path PEER --history'],
  needs: ['paths', 'now'],
  after: ['PATH-003', 'PATH-005'],
  judge: ({ paths, now }) =>
    paths.peers.map(({ name, holdUntil, transitions, phase }) => {
      const seconds = holdUntil === null ? 0 : Math.round(Date.parse(holdUntil) / 1000 - now)
      if (seconds <= LONG_SECONDS || phase === 'P2P_ACTIVE') {
        return { verdict: 'ok', subject: name, seen: 'nothing holds it back' }
      }
      return {
        verdict: 'warn',
        subject: name,
        seen: `not tried for another ${String(seconds)} s after ${String(transitions)} changes`,
        next: [`flatnet-cni path ${name} --history`],
      }
    }),
})
