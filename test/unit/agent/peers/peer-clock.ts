import t from 'tap'
import { clockAhead, clockView, noteClock } from '../../../../src/agent/peers/peer-clock.ts'
import { A, B, peerOf } from '../../../fixtures/agent/peer.ts'

const NOW = Date.parse('2026-01-01T00:00:10Z')

t.test('the header and half the round trip', async (t) => {
  t.equal(clockAhead('Thu, 01 Jan 2026 00:00:10 GMT', NOW + 500, 0), 0)
  t.equal(clockAhead('Thu, 01 Jan 2026 00:01:10 GMT', NOW + 500, 0), 60_000)
  t.equal(clockAhead('Thu, 01 Jan 2026 00:00:00 GMT', NOW + 500, 0), -10_000)
  t.equal(clockAhead('Thu, 01 Jan 2026 00:00:10 GMT', NOW + 1500, 2000), 0)
})

t.test('unusable readings give nothing', async (t) => {
  t.equal(clockAhead(undefined, NOW, 0), undefined)
  t.equal(clockAhead('yesterday', NOW, 0), undefined)
  t.equal(clockAhead('Thu, 01 Jan 2026 00:00:10 GMT', NOW, 2500), undefined, 'the answer took too long')
})

// Two clocks are read one after the other, and a busy machine may pause in between.
const BETWEEN_READINGS_MS = 3000

t.test('a reading follows our own clock when it is corrected', async (t) => {
  const peer = peerOf(A, B, 0)
  t.same(clockView(peer), { clockAheadMs: null, clockReadAgoMs: null })
  noteClock(peer, 7000)
  t.ok(Math.abs((clockView(peer).clockAheadMs ?? 0) - 7000) < BETWEEN_READINGS_MS)
  const real = Date.now
  t.teardown(() => (Date.now = real))
  Date.now = () => real() + 7000
  t.ok(Math.abs(clockView(peer).clockAheadMs ?? 9999) < BETWEEN_READINGS_MS)
  t.ok((clockView(peer).clockReadAgoMs ?? 9999) < 5000)
})
