// Many WebSockets and large bodies; `npm run soak` has 1,000 WebSockets and five gigabytes.
import t from 'tap'
import { passLarge } from '../../../scripts/soak/http-gateway/large.ts'
import { holdNames } from '../../../scripts/soak/http-gateway/names.ts'
import { holdSockets } from '../../../scripts/soak/http-gateway/sockets.ts'

t.test('100 WebSockets over 40 changes of what nginx knows', async (t) => {
  const { counts, faults } = await holdSockets(t, { sockets: 100, changes: 40 })
  t.same(faults, [])
  t.match(counts, { lost: 0, echoes: 300 })
})

t.test('200 MB up and down: whole, in no temporary file, in little memory', async (t) => {
  t.same((await passLarge(t, 200)).faults, [])
})

t.test('10,000 names of 200 hosts need at most 40 MB in a worker', async (t) => {
  const { names, peakKB, freeBytes } = await holdNames(t, { hosts: 200, containersPerHost: 50, rounds: 3 })
  t.equal(names, 10_000)
  t.ok(peakKB <= 40_000, `${String(peakKB)} kB`)
  t.ok(freeBytes > 0)
})
