// PATH-008: the direct path is not held off.

import { checkItem } from '../../item.ts'

// The hold-off after a single fallback. A longer one results from repeated fallbacks
// (src/paths/escalation/options.ts).
const LONG_SECONDS = 30

export const heldBack = checkItem({
  id: 'PATH-008',
  title: 'direct path is not held back',
  fault: 'direct path is held back',
  why:
    'A direct path that fails again and again is left alone for a while, ' +
    'so that connections do not change paths all the time.',
  causes: ['The direct path came and went several times within minutes.'],
  steps: ['flatnet-cni path PEER --history'],
  needs: ['paths', 'now'],
  after: ['PATH-003', 'PATH-005'],
  judge: ({ paths, now }) =>
    paths.peers.map(({ name, holdUntil, transitions, phase }) => {
      const seconds = holdUntil === null ? 0 : Math.round(Date.parse(holdUntil) / 1000 - now)
      if (seconds <= LONG_SECONDS || phase === 'P2P_ACTIVE') {
        return { verdict: 'ok', subject: name, seen: 'not held back' }
      }
      return {
        verdict: 'warn',
        subject: name,
        seen: `not tried for another ${String(seconds)} s, after ${String(transitions)} changes`,
        next: [`flatnet-cni path ${name} --history`],
      }
    }),
})
