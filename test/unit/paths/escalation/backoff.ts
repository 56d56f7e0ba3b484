import t from 'tap'

import { attemptHoldMs, penaltyOf } from '../../../../src/paths/escalation/backoff.ts'
import { ESCALATION_DEFAULTS } from '../../../../src/paths/escalation/options.ts'
import type { PeerPath, Reason } from '../../../../src/paths/escalation/state.ts'
import { restingPath } from '../../../../src/paths/escalation/step.ts'

const MINUTE = 60_000
const base: PeerPath = { ...restingPath(0), phase: 'P2P_ACTIVE' }

// Falls back at the given times, each `activeMs` after the direct path was taken.
function fallsAt(moments: readonly number[], activeMs: number, reason: Reason = 'silence', random = 0.5) {
  const holds: number[] = []
  let path = base
  for (const now of moments) {
    path = { ...path, since: now - activeMs }
    path = {
      ...path,
      ...penaltyOf(path, reason, 0, { now, options: ESCALATION_DEFAULTS, random: () => random }),
    }
    holds.push(path.holdUntil - now)
  }
  return holds
}

t.test('the hold-off doubles with each fallback up to its limit', async (t) => {
  const hourly = Array.from({ length: 9 }, (_, index) => (index + 1) * 11 * MINUTE)
  t.same(
    fallsAt(hourly, MINUTE),
    [5, 10, 20, 40, 80, 160, 300, 300, 300].map((s) => s * 1000),
  )
})

t.test('five minutes of a stable direct path reset it', async (t) => {
  t.same(
    fallsAt(
      [11, 22, 33].map((m) => m * MINUTE),
      5 * MINUTE,
    ),
    [5000, 5000, 5000],
  )
})

t.test('the third fallback within ten minutes costs at least a minute', async (t) => {
  t.same(
    fallsAt(
      [1, 2, 3, 4].map((m) => m * MINUTE),
      10_000,
    ),
    [5000, 10_000, 60_000, 120_000],
  )
})

t.test('jitter changes it by up to a fifth, within its bounds', async (t) => {
  t.same(fallsAt([1], 0, 'loss', 0), [5000], 'not below the lower bound')
  t.same(fallsAt([1], 0, 'loss', 1), [6000])
  const many = Array.from({ length: 9 }, (_, index) => (index + 1) * 11 * MINUTE)
  t.equal(Math.max(...fallsAt(many, MINUTE, 'loss', 1)), 300_000)
})

t.test('restarts of Nebula cost little, unless there are many', async (t) => {
  t.same(
    fallsAt(
      [11, 22, 33, 44].map((m) => m * MINUTE),
      MINUTE,
      'nebula-restarted',
    ),
    [5000, 5000, 5000, 5000],
  )
  t.equal(
    fallsAt(
      [1, 2, 3].map((m) => m * MINUTE),
      MINUTE,
      'link-gone',
    ).at(-1),
    60_000,
  )
})

t.test('events that say nothing about the path do not count', async (t) => {
  for (const reason of ['peer-said', 'peer-agent-gone', 'certificate', 'agent-stop'] as const)
    t.same(
      fallsAt(
        [1, 2, 3, 4].map((m) => m * MINUTE),
        10_000,
        reason,
      ),
      [5000, 5000, 5000, 5000],
      reason,
    )
  t.same(fallsAt([1, 2], 10_000, 'agent-stalled'), [0, 0])
  const said = penaltyOf(base, 'peer-said', 42_000, {
    now: 0,
    options: ESCALATION_DEFAULTS,
    random: () => 0.5,
  })
  t.match(said, { holdUntil: 42_000, backoffMs: 0, falls: [] })
})

t.test('failing attempts become rarer, down to one a minute', async (t) => {
  t.same(
    [1, 2, 3, 4, 5, 9].map((timeouts) => attemptHoldMs(timeouts, ESCALATION_DEFAULTS)),
    [5000, 10_000, 20_000, 40_000, 60_000, 60_000],
  )
})
