import t from 'tap'
import { containerRoutes } from '../../../src/net/plan.ts'
import { needsSourceRouting, planSourceRouting } from '../../../src/net/source-routing.ts'
import { ip, prefix } from '../../fixtures/addresses.ts'

t.test("a container's first interface needs none, every other one does", async (t) => {
  t.equal(needsSourceRouting(containerRoutes('eth0', [ip('10.87.1.1')], [])), false)
  t.equal(needsSourceRouting(containerRoutes('eth1', [ip('10.87.1.1')], [])), true)
})

t.test("each address has a table with its interface's routes", async (t) => {
  const addresses = [prefix('10.87.1.10/24'), prefix('fd87:0:0:1::a/64')]
  const routes = containerRoutes('eth1', [ip('10.87.1.1'), ip('fd87:0:0:1::1')], [prefix('10.87.0.0/16')])
  t.same(
    planSourceRouting('eth1', addresses, routes).map(({ routes: own, rule }) =>
      [...own, rule].map((command) => command.join(' ')),
    ),
    [
      [
        'route replace 10.87.1.0/24 dev eth1 table 1297547530',
        'route replace 0.0.0.0/0 via 10.87.1.1 dev eth1 table 1297547530',
        'route replace 10.87.0.0/16 via 10.87.1.1 dev eth1 table 1297547530',
        'rule add from 10.87.1.10 lookup 1297547530',
      ],
      [
        'route replace fd87:0:0:1::/64 dev eth1 table 1291845642',
        'route replace ::/0 via fd87:0:0:1::1 dev eth1 table 1291845642',
        'rule add from fd87:0:0:1::a lookup 1291845642',
      ],
    ],
  )
})
