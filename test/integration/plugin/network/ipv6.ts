// A certificate with an IPv6 subnet on a host where IPv6 is off, or a link has too small an MTU for it.

import t from 'tap'
import type { Report } from '../../../../src/check/report.ts'
import { checkHost, isBroken } from '../../../fixtures/host/check.ts'
import { isRefused, whyNoHost } from '../../../fixtures/host/cni.ts'
import { DUAL_A, DUAL_POOL, makeHost, type TestHost } from '../../../fixtures/host/host.ts'
import { type Netns, pings } from '../../../fixtures/host/netns.ts'

const skip = whyNoHost()
const conf = { pool: DUAL_POOL }
const SIX = 'fd87:0:0:1::a'

const switchOff = async (netns: Netns, ...links: string[]): Promise<void> => {
  for (const link of links)
    await netns.exec(['sh', '-c', `echo 1 >/proc/sys/net/ipv6/conf/${link}/disable_ipv6`])
}

const check = (host: TestHost): Promise<Report> => {
  const { cniVersion: _, name: __, type: ___, ...settings } = host.conf(conf)
  return checkHost(host, ['--only', 'SYS-016'], { settings: JSON.stringify(settings) })
}

t.test('switched off for new links', { skip }, async (t) => {
  const host = await makeHost(t, { dual: true, certificate: DUAL_A })
  const container = await host.container()
  await switchOff(host.netns, 'default')
  await switchOff(container, 'all', 'default')
  await host.add(container, { conf })
  for (const target of [SIX, '::1', 'fd87:0:0:1::1', 'fd87:0:0:2::a'])
    t.ok(await pings(container, target), target)
  t.ok(await pings(host.netns, SIX))

  await t.test("switched off by the network's own settings", async (t) => {
    const sysctl = { 'net.ipv6.conf.IFNAME.disable_ipv6': '1' }
    const refused = await host.call('ADD', await host.container(), { conf: { ...conf, sysctl } })
    isRefused(t, refused, 7, /sysctl.net.ipv6.conf.IFNAME.disable_ipv6: switches IPv6 off; remove it/)
  })
  await host.del(container, { conf })
  t.same(await host.remains(), [])
})

t.test('switched off on the nebula link', { skip }, async (t) => {
  const host = await makeHost(t, { dual: true, certificate: DUAL_A })
  await switchOff(host.netns, 'all', 'default')
  const off = /IPv6 is switched off on nebula1 \(net.ipv6.conf.nebula1.disable_ipv6 = 1\).*fd87:0:0:1::\/64/
  isRefused(t, await host.call('ADD', await host.container(), { conf }), 100, off)
  isRefused(t, await host.ask('STATUS', conf), 50, off)
  t.same(await host.remains(), [], 'nothing is left')
  isBroken(t, await check(host), 'SYS-016', off)
})

t.test('an MTU below 1,280 bytes', { skip }, async (t) => {
  const host = await makeHost(t, { dual: true, certificate: DUAL_A })
  const small = { ...conf, mtu: 1200 }
  isRefused(
    t,
    await host.call('ADD', await host.container(), { conf: small }),
    100,
    /"mtu" is 1200 bytes; IPv6 needs 1280/,
  )
  await host.netns.batch(['link set nebula1 mtu 1200'])
  const nebula = /nebula1 has an MTU of 1200 bytes; IPv6 needs 1280, .*: set tun.mtu: 1300/
  isRefused(t, await host.call('ADD', await host.container(), { conf }), 100, nebula)
  t.same(await host.remains(), [], 'nothing is left')
  isBroken(t, await check(host), 'SYS-016', /nebula1 has an MTU of 1200 bytes/)
})
