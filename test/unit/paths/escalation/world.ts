// Invariants of two agents on any network.

import fc from 'fast-check'
import t from 'tap'

import { ESCALATION_DEFAULTS } from '../../../../src/paths/escalation/options.ts'
import {
  type Fault,
  type HostName,
  type Moment,
  type Scenario,
  type Seen,
  simulate,
} from '../../../fixtures/simulation/world.ts'
import { holdsForAll } from '../../nebula/fixtures/property.ts'

const HOSTS: readonly HostName[] = ['a', 'b']

const RUNS = 20
// The loop takes a turn at least four times a second.
const LOOK_MS = 250

// Loses no, some or all packets, on any lanes, in one direction or both; links and machines stop for a while.
const someFault: fc.Arbitrary<readonly Fault[]> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .record({
        at: fc.integer({ min: 0, max: 120_000 }),
        lanes: fc.constantFrom(['p2p', 'tunnel'] as const, ['p2p'] as const, ['gateway'] as const),
        directions: fc.constantFrom(['ab', 'ba'] as const, ['ab'] as const, ['ba'] as const),
        loss: fc.constantFrom(0, 0, 0.05, 0.2, 0.5, 1, 1),
        delayMs: fc.constantFrom(1, 1, 30, 700),
        jitterMs: fc.constantFrom(0, 0, 0, 200),
        bigLost: fc.constantFrom(false, false, true),
      })
      .map((fault): readonly Fault[] => [fault]),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({
        at: fc.integer({ min: 0, max: 120_000 }),
        host: fc.constantFrom('a', 'b'),
        ms: fc.integer({ min: 100, max: 8000 }),
      })
      .map(({ at, host, ms }): readonly Fault[] => [
        { at, host, event: 'link-down' },
        { at: at + ms, host, event: 'link-up' },
      ]),
  },
)
const HEALED: readonly Fault[] = [
  { at: 130_000, lanes: ['p2p', 'tunnel', 'gateway'], loss: 0, delayMs: 1, jitterMs: 0, bigLost: false },
]
const storm: fc.Arbitrary<Scenario> = fc.record({
  faults: fc.array(someFault, { minLength: 1, maxLength: 25 }).map((faults) => [...faults.flat(), ...HEALED]),
  isBusy: fc.boolean(),
  adopt: fc.boolean(),
  seed: fc.integer(),
  untilMs: fc.constant(600_000),
})

// The longest uninterrupted time for which something was true.
function longest(isTrue: (moment: Moment) => boolean) {
  let since: number | undefined
  let most = 0
  return {
    look(moment: Moment): void {
      since = isTrue(moment) ? (since ?? moment.now) : undefined
      if (since !== undefined) most = Math.max(most, moment.now - since)
    },
    get ms(): number {
      return most
    },
  }
}

function refuse(what: string, isWrong: boolean): void {
  if (isWrong) throw new Error(what)
}

const leftP2p = (seen: readonly Seen[]): number =>
  seen.filter(({ from, to }) => from === 'P2P_ACTIVE' && to !== from).length

t.test('a storm of faults', (t) => {
  holdsForAll(
    t,
    storm,
    (scenario) => {
      // Known dead: longer than slow probes, the burst and one gateway round need to find out.
      const onDead = HOSTS.map((host) =>
        longest(
          ({ phases, isP2pAlive, isGatewayAlive }) =>
            phases[host] === 'P2P_ACTIVE' && !isP2pAlive && isGatewayAlive,
        ),
      )
      const trying = HOSTS.map((host) => longest(({ phases }) => phases[host] === 'P2P_ATTEMPTING'))
      const apart = longest(
        ({ phases, isGatewayAlive }) =>
          isGatewayAlive &&
          HOSTS.some((host) => phases[host] === 'P2P_ACTIVE') &&
          HOSTS.some((host) => phases[host].startsWith('GATEWAY')),
      )
      let last: Moment | undefined
      const seen = simulate(scenario, (moment) => {
        for (const watch of [...onDead, ...trying, apart]) watch.look(moment)
        last = moment
      })
      for (const { ms } of onDead) refuse(`${String(ms)} ms on a dead path`, ms > 7000)
      for (const { ms } of trying)
        refuse(`attempt of ${String(ms)} ms`, ms > 1.5 * ESCALATION_DEFAULTS.attemptMs + LOOK_MS)
      refuse(`${String(apart.ms)} ms on different paths`, apart.ms > 15_000)
      refuse(`P2P left ${String(leftP2p(seen))} times`, leftP2p(seen) > 14)
      refuse(
        'not both on the direct path in the end',
        last?.phases.a !== 'P2P_ACTIVE' || last.phases.b !== 'P2P_ACTIVE',
      )
    },
    RUNS,
  )
  t.end()
})

t.test(
  'two agents reach the direct path within 30 s, with or without traffic, whichever starts first',
  (t) => {
    holdsForAll(
      t,
      fc.record({ isBusy: fc.boolean(), adopt: fc.boolean(), hasGateway: fc.boolean(), seed: fc.integer() }),
      (options) => {
        let last: Moment | undefined
        simulate({ ...options, faults: [], untilMs: 30_000 }, (moment) => {
          last = moment
        })
        refuse('not together', last?.phases.a !== 'P2P_ACTIVE' || last.phases.b !== 'P2P_ACTIVE')
      },
      RUNS,
    )
    t.end()
  },
)

t.test('a black hole under traffic is left within 1.1 s, and one without traffic within 9 s', (t) => {
  holdsForAll(
    t,
    fc.record({ isBusy: fc.boolean(), at: fc.integer({ min: 30_000, max: 40_000 }), seed: fc.integer() }),
    ({ at, ...options }) => {
      const seen = simulate({ ...options, faults: [{ at, loss: 1 }], untilMs: at + 13_000 })
      const falls = seen.filter(({ to }) => to === 'GATEWAY_FALLBACK').map((fall) => fall.at - at)
      refuse(
        `left after ${falls.join(' and ')} ms`,
        falls.length < 2 || Math.max(falls[0] ?? 0, falls[1] ?? 0) > (options.isBusy ? 1100 : 9000),
      )
    },
    RUNS,
  )
  t.end()
})

t.test('a path that loses half of its packets each way is left within 2.5 s', (t) => {
  holdsForAll(
    t,
    fc.record({ at: fc.integer({ min: 20_000, max: 25_000 }), seed: fc.integer() }),
    ({ at, seed }) => {
      const seen = simulate({ seed, isBusy: true, faults: [{ at, loss: 0.5 }], untilMs: at + 10_000 })
      const falls = seen
        .filter(({ from, to }) => from === 'P2P_ACTIVE' && to !== from)
        .map((fall) => fall.at - at)
      refuse(
        `left after ${falls.join(' and ')} ms`,
        falls.length < 2 || Math.max(...falls.slice(0, 2)) > 2500,
      )
    },
    RUNS,
  )
  t.end()
})

t.test('flapping of any rhythm for 5 minutes moves traffic a few times only', (t) => {
  holdsForAll(
    t,
    fc.record({
      upMs: fc.integer({ min: 500, max: 20_000 }),
      downMs: fc.integer({ min: 500, max: 20_000 }),
      isBusy: fc.boolean(),
      seed: fc.integer(),
    }),
    ({ upMs, downMs, ...options }) => {
      const faults: Fault[] = []
      for (let at = 20_000; at < 320_000; at += upMs + downMs)
        faults.push({ at, loss: 1 }, { at: at + downMs, loss: 0 })
      const falls = simulate({ ...options, faults, untilMs: 330_000 }).filter(
        ({ from, to }) => from === 'P2P_ACTIVE' && to !== from,
      )
      for (const host of HOSTS) {
        const count = falls.filter((fall) => fall.host === host).length
        refuse(`${host} left P2P ${String(count)} times`, count > 7)
      }
    },
    RUNS,
  )
  t.end()
})

t.test('healthy but imperfect networks are left alone', (t) => {
  holdsForAll(
    t,
    fc.record({
      loss: fc.constantFrom(0, 0.005, 0.01),
      delayMs: fc.integer({ min: 1, max: 200 }),
      isBusy: fc.boolean(),
      seed: fc.integer(),
    }),
    ({ loss, delayMs, ...options }) => {
      const lanes = ['p2p', 'tunnel', 'gateway'] as const
      const seen = simulate({ ...options, faults: [{ at: 0, lanes, loss, delayMs }], untilMs: 300_000 })
      const condemned = seen.filter(({ from, reason }) => from === 'P2P_ACTIVE' && reason !== 'peer-said')
      refuse(`left: ${condemned.map(({ detail }) => detail).join(', ')}`, condemned.length > 0)
    },
    RUNS,
  )
  t.end()
})
