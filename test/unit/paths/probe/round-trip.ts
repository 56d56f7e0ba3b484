import t from 'tap'

import { longest, measured, type RoundTrip } from '../../../../src/paths/probe/round-trip.ts'

// measurements, oldest first; then average, variation and the longest time to expect, by hand from RFC 6298,
// section 2
const cases: readonly (readonly [number[], RoundTrip, number])[] = [
  [[100], { smoothedMs: 100, variationMs: 50 }, 300],
  [[100, 100], { smoothedMs: 100, variationMs: 37.5 }, 250],
  [[100, 180], { smoothedMs: 110, variationMs: 57.5 }, 340],
  [[100, 20], { smoothedMs: 90, variationMs: 57.5 }, 320],
]
for (const [measurements, expected, most] of cases) {
  t.test(`measured ${measurements.join(', ')} ms`, async (t) => {
    const roundTrip = measurements.reduce<RoundTrip | undefined>(measured, undefined)
    t.strictSame(roundTrip, expected)
    t.equal(longest(roundTrip), most)
  })
}

t.test('before anything is known, an answer may take a second', async (t) => {
  t.equal(longest(undefined), 1000)
})
