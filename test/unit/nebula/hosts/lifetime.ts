import t from 'tap'

import { daysUntil, lifetimeText } from '../../../../src/nebula/hosts/lifetime.ts'

const NOW = 1_800_000_000
const DAY = 86_400

t.test('the time left is given in whole days, with the date', async (t) => {
  t.equal(lifetimeText(NOW + 12 * DAY + 5, NOW), 'expires in 12 days (2027-01-27T08:00:05Z)')
  t.equal(lifetimeText(NOW + DAY, NOW), 'expires in 1 day (2027-01-16T08:00:00Z)')
  t.equal(lifetimeText(NOW + 1, NOW), 'expires in less than a day (2027-01-15T08:00:01Z)')
  t.equal(lifetimeText(NOW - 3 * DAY, NOW), 'expired 3 days ago (2027-01-12T08:00:00Z)')
})

t.test('days are counted down past the expiry', async (t) => {
  t.same(
    [30 * DAY, 30 * DAY - 1, 0, -1].map((left) => daysUntil(NOW + left, NOW)),
    [30, 29, 0, -1],
  )
})
