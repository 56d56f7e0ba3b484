// CHECK: silent about an attachment as ADD left it; otherwise it names what differs.
import t from 'tap'
import { isRefused, isSilent, whyNoHost } from '../../../fixtures/host/cni.ts'
import { makeHost } from '../../../fixtures/host/host.ts'

t.test('CHECK', { skip: whyNoHost() }, async (t) => {
  const host = await makeHost(t)

  for (const cniVersion of ['0.4.0', '1.0.0']) {
    await t.test(`is silent after ADD in version ${cniVersion}`, async (t) => {
      const container = await host.container()
      const prevResult = await host.add(container, { conf: { cniVersion } })
      isSilent(t, await host.call('CHECK', container, { conf: { cniVersion, prevResult } }), 'CHECK')
      await host.del(container)
    })
  }

  await t.test('is refused in 0.3.1, which lacks it', async (t) => {
    const container = await host.container()
    const prevResult = await host.add(container, { conf: { cniVersion: '0.3.1' } })
    const outcome = await host.call('CHECK', container, { conf: { cniVersion: '0.3.1', prevResult } })
    isRefused(t, outcome, 1, /0\.3\.1: CHECK came with 0\.4\.0/)
    await host.del(container)
  })

  await t.test('allows later plugins of the chain to change MAC and MTU', async (t) => {
    const container = await host.container()
    const result = await host.add(container)
    await container.batch(['link set eth0 address 02:00:00:00:00:07 mtu 1200'])
    const interfaces = result.interfaces.map((each, index) =>
      index === 2 ? { ...each, mac: '02:00:00:00:00:07' } : each,
    )
    const prevResult = { ...result, interfaces }
    isSilent(t, await host.call('CHECK', container, { conf: { prevResult } }), 'CHECK')
    await host.del(container)
  })

  const faults: readonly [string, 'host' | 'container', (near: string) => string, RegExp][] = [
    [
      'the address is missing',
      'container',
      () => 'address flush dev eth0',
      /eth0 lacks the address 10\.87\.1\.\d+\/24/,
    ],
    ['the link is down', 'container', () => 'link set eth0 down', /eth0 is down in the container/],
    [
      'the link is missing',
      'container',
      () => 'link delete eth0',
      /is gone from the host; link eth0 is gone/,
    ],
    [
      'the MAC is different',
      'container',
      () => 'link set eth0 address 02:00:00:00:00:09',
      /eth0 has the MAC 02:/,
    ],
    [
      'the default route is missing',
      'container',
      () => 'route delete default',
      /no route to 0\.0\.0\.0\/0 via 10\.87\.1\.1/,
    ],
    [
      'the route to the pool is missing',
      'container',
      () => 'route delete 10.87.0.0/16',
      /no route to 10\.87\.0\.0\/16/,
    ],
    [
      'the host’s end is off the bridge',
      'host',
      (near) => `link set ${near} nomaster`,
      /veth\w+ is not a port of flatnet0/,
    ],
    ['the host’s end is down', 'host', (near) => `link set ${near} down`, /link veth\w+ is down/],
  ]
  for (const [name, where, command, says] of faults) {
    await t.test(`reports that ${name}`, async (t) => {
      const container = await host.container()
      const prevResult = await host.add(container)
      const near = prevResult.interfaces[1]?.name ?? ''
      await (where === 'host' ? host.netns : container).batch([command(near)])
      isRefused(t, await host.call('CHECK', container, { conf: { prevResult } }), 107, says)
      isSilent(t, await host.del(container), 'DEL works anyway')
    })
  }

  await t.test('reports a missing masquerade rule, unless masquerade is off', async (t) => {
    const container = await host.container()
    const prevResult = await host.add(container)
    await host.netns.exec(['nft', 'flush', 'ruleset'])
    isRefused(
      t,
      await host.call('CHECK', container, { conf: { prevResult } }),
      107,
      /masquerade rule of flatnet0 is gone/,
    )
    isSilent(
      t,
      await host.call('CHECK', container, { conf: { prevResult, ipMasq: false } }),
      'masquerade is off',
    )
    await host.del(container)
  })

  await t.test("reports a namespace that differs from ADD's", async (t) => {
    const [container, other] = [await host.container(), await host.container()]
    const prevResult = await host.add(container)
    const outcome = await host.call('CHECK', other, { containerID: container.name, conf: { prevResult } })
    isRefused(t, outcome, 107, /is not the namespace that ADD was given/)
    await host.del(container)
  })

  await t.test('reports an unknown container', async (t) => {
    const container = await host.container()
    const prevResult = { cniVersion: '1.0.0', interfaces: [], ips: [], routes: [], dns: {} }
    isRefused(t, await host.call('CHECK', container, { conf: { prevResult } }), 107, /there is no record of/)
  })

  await t.test('needs the result of ADD and the namespace', async (t) => {
    const container = await host.container()
    const prevResult = await host.add(container)
    isRefused(t, await host.call('CHECK', container), 7, /prevResult/)
    const gone = await host.call('CHECK', container, { netns: '/run/netns/gone', conf: { prevResult } })
    isRefused(t, gone, 3, /CNI_NETNS=\/run\/netns\/gone/)
    await host.del(container)
  })

  t.same(await host.remains(), [], 'nothing is left')
})
