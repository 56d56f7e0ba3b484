import t from 'tap'
import { formatPrefix } from '../../../src/addr/prefix.ts'
import { containerRoutes } from '../../../src/net/plan.ts'
import { settleRoutes, type ShownRoute } from '../../../src/net/route-conflicts.ts'
import { ip, prefix } from '../../fixtures/addresses.ts'

const wanted = containerRoutes('net0', [ip('10.87.1.1'), ip('fd87::1')], [prefix('10.87.0.0/16')])
const cases: { name: string; shown: ShownRoute[]; metrics: number[]; missing: number }[] = [
  { name: 'nothing in the way', shown: [], metrics: [0, 0, 0], missing: 3 },
  {
    name: "another network's default routes",
    shown: [
      { family: 4, dst: 'default', gateway: '10.88.0.1', dev: 'eth0' },
      { family: 4, dst: 'default', gateway: '10.99.0.1', dev: 'eth1', metric: 1 },
      { family: 6, dst: 'default', gateway: 'fd88::1', dev: 'eth0', metric: 1024 },
    ],
    metrics: [2, 0, 1025],
    missing: 3,
  },
  {
    name: 'some of ours are left from a batch that failed half way',
    shown: [
      { family: 4, dst: 'default', gateway: '10.87.1.1', dev: 'net0' },
      { family: 4, dst: '10.87.0.0/16', gateway: '10.87.1.2', dev: 'eth0' },
    ],
    metrics: [0, 1, 0],
    missing: 2,
  },
  {
    name: 'routes of another table are no obstacle',
    shown: [{ family: 4, dst: 'default', gateway: '10.88.0.1', dev: 'eth0', table: '100' }],
    metrics: [0, 0, 0],
    missing: 3,
  },
]
for (const { name, shown, metrics, missing } of cases) {
  t.test(name, async (t) => {
    const settled = settleRoutes('net0', wanted, shown)
    t.same(
      settled.routes.map(({ dst, metric }) => [formatPrefix(dst), metric]),
      ['0.0.0.0/0', '10.87.0.0/16', '::/0'].map((dst, index) => [dst, metrics[index]]),
    )
    t.equal(settled.missing.length, missing)
  })
}

t.test('a single address is found without its prefix length, and in its own table', async (t) => {
  const route = { dst: prefix('192.0.2.1/32'), gateway: ip('10.87.1.1'), metric: 0, table: 7 }
  const shown: ShownRoute[] = [{ family: 4, dst: '192.0.2.1', gateway: '10.88.0.1', dev: 'eth0', table: '7' }]
  t.same(
    settleRoutes('net0', [route], shown).routes.map(({ metric }) => metric),
    [1],
  )
})
