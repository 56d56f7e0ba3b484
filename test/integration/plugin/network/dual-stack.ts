// A host whose certificate has an IPv6 subnet as well as the IPv4 one.
import t from 'tap'
import { addressOf, isSilent, whyNoHost } from '../../../fixtures/host/cni.ts'
import { DUAL_A, DUAL_POOL, makeHost } from '../../../fixtures/host/host.ts'
import { pings } from '../../../fixtures/host/netns.ts'
import { noteSources, takeSources } from '../../../fixtures/traffic/sources.ts'

t.test('with two families', { skip: whyNoHost() }, async (t) => {
  const host = await makeHost(t, { dual: true, certificate: DUAL_A })
  const conf = { pool: DUAL_POOL }
  const setting = async (name: string, value?: string): Promise<string> => {
    const path = `/proc/sys/net/ipv6/conf/${name}`
    if (value !== undefined) await host.netns.exec(['sh', '-c', `echo ${value} >${path}`])
    return (await host.netns.exec(['cat', path])).stdout
  }
  await setting('all/forwarding', '0')
  await setting('eth0/accept_ra', '1')
  const [container, neighbour] = [await host.container(), await host.container()]
  const result = await host.add(container, { conf })
  const [address4, address6] = [addressOf(result, 0), addressOf(result, 1)]

  await t.test('the result has an address and routes of each', (t) => {
    t.match(result.ips, [
      { address: /^10\.87\.1\.\d+\/24$/, gateway: '10.87.1.1', interface: 2 },
      { address: /^fd87:0:0:1::[0-9a-f]+\/64$/, gateway: 'fd87:0:0:1::1', interface: 2 },
    ])
    t.same(
      result.routes.map(({ dst, gw }) => `${dst} ${String(gw)}`),
      ['0.0.0.0/0 10.87.1.1', '10.87.0.0/16 10.87.1.1', '::/0 fd87:0:0:1::1', 'fd87::/48 fd87:0:0:1::1'],
    )
    t.end()
  })

  await t.test('older versions state the family of each address', async (t) => {
    const old = await host.add(neighbour, { conf: { ...conf, cniVersion: '0.4.0' } })
    t.match(old.ips, [{ version: '4' }, { version: '6' }])
  })

  await t.test('the container reaches bridge, neighbour and other hosts over both families', async (t) => {
    const there = await host.call('CHECK', container, { conf: { ...conf, prevResult: result } })
    isSilent(t, there, 'CHECK')
    const targets = ['10.87.1.1', 'fd87:0:0:1::1', '10.87.2.10', 'fd87:0:0:2::a']
    for (const target of targets) t.ok(await pings(container, target), target)
    t.ok(await pings(neighbour, address6), 'neighbour')
  })

  await t.test('IPv6 is masqueraded towards the outside only', async (t) => {
    await noteSources(host.far)
    await noteSources(host.outside)
    t.ok(await pings(container, '2001:db8::9'))
    t.same(await takeSources(host.outside), ['fd77::10'])
    t.ok(await pings(container, 'fd87:0:0:2::a'))
    t.ok(await pings(container, 'fd86::2:1'))
    t.ok(await pings(container, '10.87.2.10'))
    t.same(await takeSources(host.far), [address4, address6].toSorted())
  })

  await t.test('each peer has routes on both paths, and the rest of the pool is unreachable', async (t) => {
    const { stdout } = await host.netns.exec(['ip', '-6', 'route', 'show', 'proto', '77'])
    t.same(
      stdout
        .split('\n')
        .map((line) => line.trim().replace(/ (pref medium|error -\d+)/g, ''))
        .toSorted(),
      [
        'fd87:0:0:2::/64 via fd77::1 dev eth0 src fd87:0:0:1::1 metric 500',
        'fd87:0:0:2::/64 via fd86::2:1 dev nebula1 src fd87:0:0:1::1 metric 100',
        'unreachable fd87::/48 dev lo metric 4294967295',
      ],
    )
  })

  await t.test('correct rules are not written again', async (t) => {
    const ruleset = async (): Promise<string> =>
      (await host.netns.exec(['nft', '-a', 'list', 'ruleset'])).stdout
    const before = await ruleset()
    const another = await host.container()
    await host.add(another, { conf })
    t.equal(await ruleset(), before, 'their handles are unchanged')
    await host.del(another, { conf })
  })

  await t.test("forwarding is on, and the host still accepts its router's advertisements", async (t) => {
    t.equal(await setting('all/forwarding'), '1')
    t.equal(await setting('eth0/accept_ra'), '2')
  })

  await t.test('given addresses of both families are assigned', async (t) => {
    const asking = await host.container()
    const ips = ['fd87:0:0:1::77', '10.87.1.77']
    const given = await host.add(asking, { conf: { ...conf, runtimeConfig: { ips } } })
    t.same(
      given.ips.map(({ address }) => address),
      ['10.87.1.77/24', 'fd87:0:0:1::77/64'],
    )
    isSilent(t, await host.del(asking, { conf }), 'DEL')
  })

  for (const each of [container, neighbour]) isSilent(t, await host.del(each, { conf }), 'DEL')
  t.same(await host.remains(), [], 'nothing is left')
})
