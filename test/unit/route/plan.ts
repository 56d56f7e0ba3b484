import t from 'tap'
import { formatPrefix } from '../../../src/addr/prefix.ts'
import { routeDelete, routeReplace } from '../../../src/ip/route.ts'
import { diffRoutes } from '../../../src/route/diff.ts'
import { keptRoutes, planRoutes, type RouteInputs } from '../../../src/route/plan.ts'
import { ip, prefix } from '../../fixtures/addresses.ts'

const INPUTS: RouteInputs = {
  pools: [prefix('10.87.0.0/16')],
  peers: [{ name: 'b', overlay: [ip('10.86.2.1')], subnets: [prefix('10.87.2.0/24')] }],
  sources: [prefix('10.87.1.1/24')],
  nebulaDev: 'nebula1',
  gateways: [{ via: ip('172.20.1.1'), dev: 'eth0' }],
  peerGateways: new Map(),
  metrics: { p2p: 100, gateway: 500 },
}
const P2P = 'route replace 10.87.2.0/24 via 10.86.2.1 dev nebula1 metric 100 proto 77 src 10.87.1.1'
const GATEWAY = 'route replace 10.87.2.0/24 via 172.20.1.1 dev eth0 metric 500 proto 77 src 10.87.1.1'
const UNREACHABLE = 'route replace unreachable 10.87.0.0/16 metric 4294967295 proto 77'

const cases: [string, Partial<RouteInputs>, string[]][] = [
  ['a peer gets a route for each path, the pool an unreachable one', {}, [P2P, GATEWAY, UNREACHABLE]],
  ['while Nebula is down there is only the gateway route', { nebulaDev: undefined }, [GATEWAY, UNREACHABLE]],
  ['without a gateway there is only the nebula route', { gateways: [] }, [P2P, UNREACHABLE]],
  [
    'a default route without a next hop makes a gateway route without one',
    { gateways: [{ via: undefined, dev: 'ppp0', family: 4 }] },
    [P2P, 'route replace 10.87.2.0/24 dev ppp0 metric 500 proto 77 src 10.87.1.1', UNREACHABLE],
  ],
  [
    'an IPv6 next hop carries IPv4',
    { gateways: [{ via: ip('fe80::1'), dev: 'eth0', family: 4 }] },
    [
      P2P,
      'route replace 10.87.2.0/24 via inet6 fe80::1 dev eth0 metric 500 proto 77 src 10.87.1.1',
      UNREACHABLE,
    ],
  ],
  [
    'a neighbour outside its link’s networks still counts as one',
    { gateways: [{ via: ip('10.9.9.1'), dev: 'eth0', onLink: true }] },
    [
      P2P,
      'route replace 10.87.2.0/24 via 10.9.9.1 dev eth0 metric 500 proto 77 src 10.87.1.1 onlink',
      UNREACHABLE,
    ],
  ],
  [
    'a peer with its own gateway hop uses that one',
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
    'a dual-stack peer gets routes in both families, each with its own hops',
    {
      peers: [
        {
          name: 'b',
          overlay: [ip('10.86.2.1'), ip('fd86::2:1')],
          subnets: [prefix('10.87.2.0/24'), prefix('fd87:0:0:2::/64')],
        },
      ],
      sources: [prefix('10.87.1.1/24'), prefix('fd87:0:0:1::1/64')],
      pools: [prefix('10.87.0.0/16'), prefix('fd87::/48')],
    },
    [
      P2P,
      'route replace fd87:0:0:2::/64 via fd86::2:1 dev nebula1 metric 100 proto 77 src fd87:0:0:1::1',
      GATEWAY,
      UNREACHABLE,
      'route replace unreachable fd87::/48 metric 4294967295 proto 77',
    ],
  ],
]

const NEBULA_GATEWAY = { gateways: [{ via: ip('10.86.0.9'), dev: 'nebula1' }] }
const POOL = 'route replace 10.87.0.0/16 via 10.86.0.9 dev nebula1 metric 500 proto 77 src 10.87.1.1'
cases.push(
  [
    'a gateway host inside Nebula gets one route for the whole pool',
    NEBULA_GATEWAY,
    [P2P, POOL, UNREACHABLE],
  ],
  [
    'a peer can also have a gateway hop on another link',
    {
      ...NEBULA_GATEWAY,
      peerGateways: new Map([['10.86.2.1', { via: ip('172.20.1.1'), dev: 'eth0' }]]),
    },
    [P2P, GATEWAY, POOL, UNREACHABLE],
  ],
)

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

t.test('a route without a next hop is not deleted in place of its replacement', async (t) => {
  const link = planRoutes({ ...INPUTS, gateways: [{ via: undefined, dev: 'eth0', family: 4 }] })
  t.same(
    diffRoutes(link, planRoutes(INPUTS)).map((command) => command.join(' ')),
    [GATEWAY],
  )
  t.match(
    diffRoutes(link, planRoutes({ ...INPUTS, gateways: [] })),
    [['route', 'delete']],
    'it is deleted alone',
  )
})

t.test('a route made without onlink is replaced', async (t) => {
  const hop = { via: ip('10.9.9.1'), dev: 'eth0' }
  const want = planRoutes({ ...INPUTS, gateways: [{ ...hop, onLink: true }] })
  const before = planRoutes({ ...INPUTS, gateways: [hop] })
  t.same(
    diffRoutes(before, want).map((command) => command.slice(0, 2).join(' ')),
    ['route replace'],
  )
  t.same(diffRoutes(want, want), [])
})

t.test('a route with a changed source address is replaced', async (t) => {
  const want = planRoutes(INPUTS)
  const before = planRoutes({ ...INPUTS, sources: [prefix('10.87.9.1/24')] })
  t.same(
    diffRoutes(before, want).map((command) => command.join(' ')),
    [P2P, GATEWAY],
  )
})

const PIN_P2P = 'route replace 10.87.2.2/32 via 10.86.2.1 dev nebula1 metric 100 proto 77 src 10.87.1.2'
const PIN_GATEWAY = 'route replace 10.87.2.3/32 via 172.20.1.1 dev eth0 metric 500 proto 77 src 10.87.1.3'
// Only Nebula reads these.
const TAUGHT = ['10.87.2.0/25', '10.87.2.128/25'].map(
  (half) => `route replace ${half} via 10.86.2.1 dev nebula1 metric 100 proto 77 table 4280`,
)
const agentCases: [string, Partial<RouteInputs>, readonly string[], string[]][] = [
  [
    'on the gateway path the probes of both are pinned',
    {},
    [],
    [GATEWAY, PIN_P2P, PIN_GATEWAY, ...TAUGHT, UNREACHABLE],
  ],
  [
    'on the direct path the direct route is added, everything else stays',
    {},
    ['10.86.2.1'],
    [P2P, GATEWAY, PIN_P2P, PIN_GATEWAY, ...TAUGHT, UNREACHABLE],
  ],
  [
    "another peer's path changes nothing",
    {},
    ['10.86.7.1'],
    [GATEWAY, PIN_P2P, PIN_GATEWAY, ...TAUGHT, UNREACHABLE],
  ],
  [
    'without a gateway hop only the P2P probe is pinned',
    { gateways: [] },
    [],
    [PIN_P2P, ...TAUGHT, UNREACHABLE],
  ],
  [
    'while Nebula is down only the gateway probe is pinned',
    { nebulaDev: undefined },
    ['10.86.2.1'],
    [GATEWAY, PIN_GATEWAY, UNREACHABLE],
  ],
  [
    'a peer with a single address has no halves for Nebula',
    { peers: [{ name: 'b', overlay: [ip('10.86.2.1')], subnets: [prefix('10.87.2.9/32')] }], gateways: [] },
    [],
    [UNREACHABLE],
  ],
  [
    'a gateway host inside Nebula carries the gateway probes too',
    NEBULA_GATEWAY,
    [],
    [
      PIN_P2P,
      'route replace 10.87.2.3/32 via 10.86.0.9 dev nebula1 metric 500 proto 77 src 10.87.1.3',
      POOL,
      UNREACHABLE,
    ],
  ],
]
for (const [name, change, p2p, expected] of agentCases) {
  t.test(`with an agent: ${name}`, async (t) => {
    const routes = planRoutes({ ...INPUTS, ...change }, { pins: true, p2p: new Set(p2p) })
    t.same(
      routes.map((route) => routeReplace(route).join(' ')),
      expected,
    )
  })
}

t.test('a prefix never has two routes on the nebula link', async (t) => {
  for (const change of [{}, NEBULA_GATEWAY]) {
    const routes = planRoutes({ ...INPUTS, ...change }, { pins: true, p2p: 'all' })
    const onNebula = routes.filter(({ dev }) => dev === 'nebula1').map(({ dst }) => formatPrefix(dst))
    t.equal(new Set(onNebula).size, onNebula.length, onNebula.join(' '))
  }
})

const agent = (change: Partial<RouteInputs> = {}) =>
  planRoutes({ ...INPUTS, ...change }, { pins: true, p2p: new Set(['10.86.2.1']) })
const keptOf = (change: Partial<RouteInputs>): string[] =>
  keptRoutes({ ...INPUTS, ...change }, agent()).map((route) => routeReplace(route).join(' '))

t.test('gateway routes of a known peer stay while no hop is found', async (t) => {
  t.same(keptOf({ gateways: [] }), [GATEWAY, PIN_GATEWAY])
})
t.test('they go with another hop, or with the peer', async (t) => {
  t.same(keptOf({ gateways: [{ via: ip('172.20.9.1'), dev: 'eth0' }] }), [])
  t.same(keptOf(NEBULA_GATEWAY), [])
  t.same(keptOf({ gateways: [], peers: [] }), [])
})
