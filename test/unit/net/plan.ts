import t from 'tap'
import { formatPrefix } from '../../../src/addr/prefix.ts'
import { containerRoutes, hostMacOf, macOf, planBridge, planContainer } from '../../../src/net/plan.ts'
import { ip, prefix } from '../../fixtures/addresses.ts'

t.test('an address always has the same MAC, and the host end a different one', async (t) => {
  t.equal(macOf(ip('10.87.1.10')), '0a:58:0a:57:01:0a')
  t.equal(hostMacOf(ip('10.87.1.10')), '0a:59:0a:57:01:0a')
  t.equal(macOf(ip('fd87:0:0:1::a')), '0a:58:00:00:00:0a')
})

t.test('an existing bridge is not created again, but its address and state are set', async (t) => {
  const bridge = { name: 'flatnet0', addresses: [prefix('10.87.1.1/24')], mtuBytes: 1300 }
  const text = (exists: boolean) => planBridge(bridge, exists).map((command) => command.join(' '))
  t.same(text(true), ['address replace 10.87.1.1/24 dev flatnet0', 'link set dev flatnet0 up'])
  t.equal(text(false)[0], 'link add name flatnet0 mtu 1300 address 0a:58:0a:57:01:01 type bridge')
})

const routes: [string, string, string[]][] = [
  ['the first interface has the best default route', 'eth0', ['0.0.0.0/0 0', '10.87.0.0/16 0']],
  ['the second interface has the next one', 'eth1', ['0.0.0.0/0 1', '10.87.0.0/16 1']],
  ['a name without number counts as first', 'net', ['0.0.0.0/0 0', '10.87.0.0/16 0']],
]
for (const [name, ifname, expected] of routes) {
  t.test(name, async (t) => {
    const found = containerRoutes(ifname, [ip('10.87.1.1')], [prefix('10.87.0.0/16'), prefix('fd87::/48')])
    t.same(
      found.map(({ dst, metric }) => `${formatPrefix(dst)} ${String(metric)}`),
      expected,
    )
  })
}

t.test("IPv6 metrics are added to the kernel's default", async (t) => {
  t.same(
    containerRoutes('eth2', [ip('fd87::1')], []).map(({ metric }) => metric),
    [1026],
  )
  t.same(
    containerRoutes('eth0', [ip('fd87::1')], []).map(({ metric }) => metric),
    [0],
  )
})

t.test('addresses are set before the link is up, routes after that', async (t) => {
  const commands = planContainer(
    'eth0',
    [prefix('10.87.1.10/24')],
    containerRoutes('eth0', [ip('10.87.1.1')], []),
  )
  t.same(
    commands.map((command) => command.join(' ')),
    [
      'address replace 10.87.1.10/24 dev eth0',
      'link set dev eth0 up',
      'route add 0.0.0.0/0 via 10.87.1.1 dev eth0',
    ],
  )
})
