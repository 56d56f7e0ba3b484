import t from 'tap'
import { routeDelete, routeReplace } from '../../../src/ip/route.ts'
import { diffRoutes } from '../../../src/route/diff.ts'
import { planRoutes, type RouteInputs } from '../../../src/route/plan.ts'
import { ip, prefix } from '../../fixtures/addresses.ts'

const INPUTS: RouteInputs = {
  pools: [prefix('10.87.0.0/16')],
  peers: [{ name: 'b', overlay: [ip('10.86.2.1')], subnets: [prefix('10.87.2.0/24')] }],
  sources: [ip('10.87.1.1')],
  nebulaDev: 'nebula1',
  gateways: [{ via: ip('172.20.1.1'), dev: 'eth0' }],
  peerGateways: new Map(),
  metrics: { p2p: 100, gateway: 500 },
}
const P2P = 'route replace 10.87.2.0/24 via 10.86.2.1 dev nebula1 metric 100 proto 77 src 10.87.1.1'
const GATEWAY = 'route replace 10.87.2.0/24 via 172.20.1.1 dev eth0 metric 500 proto 77 src 10.87.1.1'
const UNREACHABLE = 'route replace unreachable 10.87.0.0/16 metric 4294967295 proto 77'

const cases: [string, Partial<RouteInputs>, string[]][] = [
  ['a peer gets a route per path, the pool an unreachable one', {}, [P2P, GATEWAY, UNREACHABLE]],
  ['while Nebula is down there is the gateway route alone', { nebulaDev: undefined }, [GATEWAY, UNREACHABLE]],
  ['without a gateway there is the nebula route alone', { gateways: [] }, [P2P, UNREACHABLE]],
  [
    'a peer with a gateway hop of its own uses that one',
    { peerGateways: new Map([['10.86.2.1', { via: ip('192.168.1.12'), dev: 'eth1' }]]) },
    [
      P2P,
      'route replace 10.87.2.0/24 via 192.168.1.12 dev eth1 metric 500 proto 77 src 10.87.1.1',
      UNREACHABLE,
    ],
  ],
  [
    'a lighthouse without containers gets no route',
    { peers: [{ name: 'lh', overlay: [ip('10.86.0.1')], subnets: [] }] },
    [UNREACHABLE],
  ],
  [
    'an IPv6 subnet of a peer needs an IPv6 address of ours',
    { peers: [{ name: 'b', overlay: [ip('fd86::2:1')], subnets: [prefix('fd87:0:0:2::/64')] }] },
    [UNREACHABLE],
  ],
  [
    'a dual-stack peer gets routes in both families, each by its own hops',
    {
      peers: [
        {
          name: 'b',
          overlay: [ip('10.86.2.1'), ip('fd86::2:1')],
          subnets: [prefix('10.87.2.0/24'), prefix('fd87:0:0:2::/64')],
        },
      ],
      sources: [ip('10.87.1.1'), ip('fd87:0:0:1::1')],
      pools: [prefix('10.87.0.0/16'), prefix('fd87::/48')],
    },
    [
      P2P,
      GATEWAY,
      'route replace fd87:0:0:2::/64 via fd86::2:1 dev nebula1 metric 100 proto 77 src fd87:0:0:1::1',
      UNREACHABLE,
      'route replace unreachable fd87::/48 metric 4294967295 proto 77',
    ],
  ],
]
for (const [name, change, expected] of cases) {
  t.test(name, async (t) => {
    t.same(
      planRoutes({ ...INPUTS, ...change }).map((route) => routeReplace(route).join(' ')),
      expected,
    )
  })
}

t.test('only differences become commands, additions first', async (t) => {
  const want = planRoutes(INPUTS)
  const [first, ...rest] = want
  t.same(diffRoutes(want, want), [])
  const old = planRoutes({ ...INPUTS, gateways: [{ via: ip('172.20.9.1'), dev: 'eth0' }] })[1]
  if (first === undefined || old === undefined) throw new TypeError('the plan has a route per path')
  t.same(diffRoutes([...rest, old], want), [routeReplace(first), routeDelete(old)])
})

t.test('a route whose source address has changed is made again', async (t) => {
  const want = planRoutes(INPUTS)
  const before = planRoutes({ ...INPUTS, sources: [ip('10.87.9.1')] })
  t.same(
    diffRoutes(before, want).map((command) => command.join(' ')),
    [P2P, GATEWAY],
  )
})
