import t from 'tap'
import { qdiscLimit } from '../../../src/ip/qdisc.ts'

const cases: [string, { rate: number; burst: number }, string][] = [
  ['bits become bytes', { rate: 8_000_000, burst: 800_000 }, '100000'],
  ['a bucket holds at least two packets', { rate: 8_000_000, burst: 8 }, '2600'],
  ['a bucket holds at most two minutes', { rate: 8000, burst: 4294967295 }, '120000'],
]
for (const [name, limit, burst] of cases) {
  t.test(name, async (t) => {
    t.equal(
      qdiscLimit('eth0', limit, 1300).join(' '),
      `qdisc replace dev eth0 root tbf rate ${String(limit.rate)}bit burst ${burst} latency 25ms`,
    )
  })
}
