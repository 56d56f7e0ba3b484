// The gateway path of an ADD with default routes of all forms, and beside thousands of a routing daemon's
// routes.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { isSilent, whyNoHost } from '../../../fixtures/host/cni.ts'
import { makeHost } from '../../../fixtures/host/host.ts'
import type { Netns } from '../../../fixtures/host/netns.ts'

const skip = whyNoHost()

async function gatewayRoutes(host: Netns): Promise<readonly string[]> {
  const { stdout } = await host.exec(['ip', 'route', 'show', 'root', '10.87.2.0/24'])
  return stdout
    .split('\n')
    .map((line) => line.trim().replace(/ linkdown$/, ''))
    .filter((line) => line.includes('metric 500'))
}

t.test('the gateway hop follows every form of default route', { skip }, async (t) => {
  const host = await makeHost(t)
  const rest = 'proto 77 src 10.87.1.1 metric 500'
  const shapes: readonly [name: string, change: readonly string[], route: string][] = [
    ['a link without a next hop', ['default dev eth0 scope link'],
      'dev eth0 proto 77 scope link src 10.87.1.1 metric 500'],
    ['an IPv6 next hop', ['0.0.0.0/0 via inet6 fe80::77 dev eth0'], `via inet6 fe80::77 dev eth0 ${rest}`],
    ["a next hop outside the link's networks", ['default via 10.9.9.1 dev eth0 onlink'],
      `via 10.9.9.1 dev eth0 ${rest} onlink`],
    ['several next hops', ['default nexthop via 192.168.77.1 dev eth0 nexthop via 192.168.77.9 dev eth0'],
      `via 192.168.77.1 dev eth0 ${rest}`],
    ['several routes',
      ['default via 192.168.77.9 dev eth0 metric 900', 'default via 192.168.77.1 dev eth0 metric 800'],
      `via 192.168.77.1 dev eth0 ${rest}`],
    ['a blackhole with a better metric',
      ['blackhole default metric 1', 'default via 192.168.77.1 dev eth0 metric 800'],
      `via 192.168.77.1 dev eth0 ${rest}`],
  ] // prettier-ignore
  for (const [name, change, route] of shapes) {
    await t.test(name, async (t) => {
      await host.netns.exec(['ip', '-4', 'route', 'flush', 'exact', '0.0.0.0/0'])
      await host.netns.batch(change.map((each) => `route add ${each}`))
      await host.add(await host.container())
      t.same(await gatewayRoutes(host.netns), [`10.87.2.0/24 ${route}`])
      await host.add(await host.container())
      t.same(await gatewayRoutes(host.netns), [`10.87.2.0/24 ${route}`], 'it stays')
    })
  }
})

// More of /proc/net/route than a single read returns.
const DAEMON = Array.from({ length: 5000 }, (_, index) => {
  const network = `100.${String(index >> 8)}.${String(index & 255)}.0/24`
  return `route add ${network} via 192.168.77.1 proto 186`
})

t.test('thousands of other routes are neither copied nor a hindrance', { skip }, async (t) => {
  const host = await makeHost(t)
  await host.netns.batch(DAEMON)
  const expected = ['10.87.2.0/24 via 192.168.77.1 dev eth0 proto 77 src 10.87.1.1 metric 500']
  const runtimeConfig = { portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }] }
  const container = await host.container()
  await host.add(container, { conf: { runtimeConfig } })
  t.same(await gatewayRoutes(host.netns), expected)
  const { stdout } = await host.netns.exec(['nft', 'list', 'set', 'ip', 'flatnet', 'local'], {
    check: false,
  })
  t.match(stdout, /192\.168\.77\.10/, 'the host knows its own addresses')
  await host.netns.batch(['route delete 10.87.2.0/24 metric 500'])
  await host.add(await host.container())
  t.same(await gatewayRoutes(host.netns), expected, 'a removed route comes back')
  t.same(readFileSync(join(host.folder, 'run/routes-seen.txt'), 'utf8'), '')
  isSilent(t, await host.del(container), 'DEL')
})
