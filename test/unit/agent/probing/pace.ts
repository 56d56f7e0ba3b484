import fc from 'fast-check'
import t from 'tap'

import {
  type DueProbe,
  intervalOf,
  newClock,
  nextDue,
  type PaceInputs,
  SLOT_MS,
  startBurst,
  takeDue,
} from '../../../../src/agent/probing/pace.ts'
import { MEASURED, type ProbeClock } from '../../../../src/agent/peers/peer.ts'
import { AGENT_DEFAULTS } from '../../../../src/config/agent-settings.ts'
import { PHASES } from '../../../../src/paths/escalation/state.ts'

const PACE = AGENT_DEFAULTS.probe
const NOW = 1_000_000
const MIDDLE = (): number => 0.5

type Mood = Omit<PaceInputs, 'now'>
const IDLE: Mood = { phase: 'P2P_ACTIVE', isBusy: false }
const BUSY: Mood = { phase: 'P2P_ACTIVE', isBusy: true }
const RESTING: Mood = { phase: 'GATEWAY_ONLY', isBusy: true }
const TRYING: Mood = { phase: 'P2P_ATTEMPTING', isBusy: false }

interface Sent extends DueProbe {
  readonly at: number
}

/** Advances time from one due moment to the next, like the loop. */
function run(
  clock: ProbeClock,
  mood: Mood,
  forMs: number,
  { random = MIDDLE, from = NOW }: { readonly random?: () => number; readonly from?: number } = {},
): readonly Sent[] {
  const sent: Sent[] = []
  for (let now = from; now < from + forMs; now = Math.max(now + 1, nextDue(clock)))
    sent.push(...takeDue(clock, PACE, { ...mood, now }, random).map((probe) => ({ ...probe, at: now })))
  return sent
}

const counted = (sent: readonly Sent[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const { lane, isBig } of sent) {
    const key = `${lane}${isBig ? ' big' : ''}`
    counts[key] = (counts[key] ?? 0) + 1
  }
  return counts
}

t.test('the number of probes in a minute', (t) => {
  const minute = (mood: Mood): Record<string, number> =>
    counted(run(newClock(NOW, PACE, MIDDLE), mood, 60_000))
  // Probes of longer intervals join earlier ones within their jitter, so they become a little more frequent.
  t.match(minute(BUSY), { p2p: 240, tunnel: 5, gateway: 15, 'p2p big': 30, 'gateway big': 30 })
  t.match(minute(IDLE), { p2p: 12, tunnel: 4, gateway: 12, 'p2p big': 2, 'gateway big': 2 })
  t.match(minute(RESTING), { p2p: 12 }, 'container traffic uses the other path')
  t.match(minute(TRYING), { p2p: 240, tunnel: 120, 'p2p big': 30 }, 'an attempt needs both sizes soon')
  t.end()
})

t.test('a hundred peers are not probed in the same moment', (t) => {
  const firsts = Array.from({ length: 100 }, (_, index) => newClock(NOW, PACE, () => index / 100).next.p2p)
  t.equal(new Set(firsts).size, 100)
  t.ok(firsts.every((at) => at >= NOW && at <= NOW + PACE.fastMs))
  t.end()
})

t.test('a burst probes every lane a few times quickly, then quick probes continue for a while', (t) => {
  const clock = newClock(NOW, PACE, MIDDLE)
  run(clock, IDLE, 10_000)
  const from = NOW + 10_000
  startBurst(clock, PACE, from, 1600)
  const burst = run(clock, IDLE, PACE.burst * PACE.burstMs, { from })
  for (const lane of MEASURED) t.ok(burst.filter((probe) => probe.lane === lane).length >= PACE.burst, lane)
  const inputs = { ...IDLE, now: from + 1000 }
  t.equal(intervalOf('p2p', clock, PACE, inputs), PACE.fastMs)
  t.equal(intervalOf('gateway', clock, PACE, inputs), PACE.fastMs * 2)
  t.equal(intervalOf('p2p', clock, PACE, { ...IDLE, now: from + 1600 }), PACE.idleMs, 'the quick period ends')
  t.end()
})

t.test('a second burst does not shorten the quick period of the first', (t) => {
  const clock = newClock(NOW, PACE, MIDDLE)
  startBurst(clock, PACE, NOW, 5000)
  startBurst(clock, PACE, NOW + 100, 100)
  t.equal(clock.fastUntil, NOW + 5000)
  t.equal(clock.burstLeft, PACE.burst)
  t.end()
})

t.test('when traffic begins, it does not wait for the planned slow probe', (t) => {
  const clock = newClock(NOW, PACE, MIDDLE)
  run(clock, IDLE, 10_000)
  const from = NOW + 10_000
  const first = run(clock, BUSY, 2000, { from }).find(({ lane, isBig }) => lane === 'p2p' && !isBig)
  t.ok(first !== undefined && first.at - from <= PACE.fastMs * (1 + PACE.jitter))
  t.end()
})

t.test('the time between two probes stays within the jitter for any random number', (t) => {
  const mood = fc.record({ phase: fc.constantFrom(...PHASES), isBusy: fc.boolean() })
  fc.assert(
    fc.property(
      mood,
      fc.infiniteStream(fc.double({ min: 0, max: 0.999_999, noNaN: true })),
      (some, chance) => {
        const random = (): number => chance.next().value as number
        const clock = newClock(NOW, PACE, random)
        const sent = run(clock, some, 30_000, { random })
        for (const lane of MEASURED) {
          const interval = intervalOf(lane, clock, PACE, { ...some, now: NOW })
          const times = sent.filter((probe) => probe.lane === lane && !probe.isBig).map(({ at }) => at)
          for (const [index, at] of times.slice(1).entries()) {
            const gap = at - (times[index] ?? 0)
            // One millisecond is the step of the loop above.
            if (gap < interval * (1 - PACE.jitter) - 1 || gap > interval * (1 + PACE.jitter) + 1) return false
          }
        }
        return true
      },
    ),
    { numRuns: 60 },
  )
  t.end()
})

t.test('slow probes of all lanes go out together', (t) => {
  let seed = 7
  const random = (): number => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647
  const sent = run(newClock(NOW, PACE, random), IDLE, 600_000, { random }).filter(
    ({ at }) => at > NOW + 10_000,
  )
  const looks = new Set(sent.map(({ at }) => at)).size
  t.equal(
    looks,
    sent.filter(({ lane, isBig }) => lane === 'p2p' && !isBig).length,
    'no turn without a P2P probe',
  )
  const gateways = sent.filter(({ lane, isBig }) => lane === 'gateway' && !isBig).length
  t.equal(gateways, looks, 'probes of one interval stay together')
  t.end()
})

t.test('slow probes to many peers go out together', (t) => {
  let seed = 7
  const random = (): number => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647
  const times = (mood: Mood): ReadonlySet<number> => {
    const clocks = Array.from({ length: 100 }, () => newClock(NOW, PACE, random))
    // Each peer started at a different moment.
    return new Set(
      clocks
        .flatMap((clock) => run(clock, mood, 30_000, { random }).filter(({ at }) => at > NOW + 10_000))
        .map(({ at }) => at),
    )
  }
  t.ok(times(IDLE).size <= 20_000 / SLOT_MS, 'some fifty probes in four moments of a second')
  t.ok(times(BUSY).size > 2000, 'quick probes keep their own times')
  t.end()
})

t.test('nothing is due right after a turn', (t) => {
  const clock = newClock(NOW, PACE, MIDDLE)
  for (const mood of [BUSY, IDLE, TRYING]) {
    takeDue(clock, PACE, { ...mood, now: NOW + 50_000 }, MIDDLE)
    t.ok(nextDue(clock) > NOW + 50_000)
  }
  t.end()
})
