// What ADD answers, and what a container has afterwards.
import t from 'tap'
import { addressOf, isSilent, whyNoHost } from '../../../fixtures/host/cni.ts'
import { makeHost } from '../../../fixtures/host/host.ts'
import { pings, show } from '../../../fixtures/host/netns.ts'

interface Link {
  readonly address: string
  readonly mtu: number
  readonly master?: string
  readonly addr_info: readonly {
    readonly local: string
    readonly prefixlen: number
    readonly family: string
  }[]
}

t.test('ADD', { skip: whyNoHost() }, async (t) => {
  const host = await makeHost(t)

  for (const cniVersion of ['0.3.0', '0.3.1', '0.4.0', '1.0.0']) {
    await t.test(`answers in version ${cniVersion}`, async (t) => {
      const container = await host.container()
      const result = await host.add(container, { conf: { cniVersion, dns: { nameservers: ['10.87.1.1'] } } })
      t.equal(result.cniVersion, cniVersion)
      const [bridge, near, inside] = result.interfaces
      t.match(bridge, { name: 'flatnet0', mac: /^0a:58:0a:57:01:01$/ }, 'the bridge comes first')
      t.match(near?.name, /^veth[0-9a-f]{11}$/)
      t.same(
        [bridge, near, inside].map((each) => each?.sandbox),
        [undefined, undefined, container.path],
      )
      t.equal(inside?.name, 'eth0')
      t.ok(
        result.interfaces.every(({ mac }) => /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac)),
        'every link has a MAC',
      )
      const [ip] = result.ips as readonly {
        version?: string
        address: string
        interface: number
        gateway: string
      }[]
      t.equal(result.ips.length, 1)
      t.match(ip, { address: /^10\.87\.1\.\d+\/24$/, gateway: '10.87.1.1', interface: 2 })
      t.equal(
        ip?.version,
        cniVersion.startsWith('0.') ? '4' : undefined,
        'the family is named only before 1.0.0',
      )
      t.same(result.routes, [
        { dst: '0.0.0.0/0', gw: '10.87.1.1' },
        { dst: '10.87.0.0/16', gw: '10.87.1.1' },
      ])
      t.same(result.dns, { nameservers: ['10.87.1.1'] })
      isSilent(t, await host.del(container, { conf: { cniVersion } }), 'DEL')
    })
  }

  await t.test('returns the namespace path unchanged', async (t) => {
    const container = await host.container()
    const path = `/run/netns/../netns/./${container.name}`
    const result = await host.add(container, { netns: path })
    t.equal(result.interfaces[2]?.sandbox, path)
    await host.del(container)
  })

  await t.test('creates what the result says', async (t) => {
    const container = await host.container()
    const result = await host.add(container)
    const [bridge, near, inside] = result.interfaces
    const [there] = await show<Link>(host.netns, ['address', 'show', 'dev', 'flatnet0'])
    t.match(there, { address: bridge?.mac, mtu: 1300, addr_info: [{ local: '10.87.1.1', prefixlen: 24 }] })
    const [port] = await show<Link>(host.netns, ['link', 'show', 'dev', near?.name ?? ''])
    t.match(port, { address: near?.mac, mtu: 1300, master: 'flatnet0' })
    const [eth0] = await show<Link>(container, ['address', 'show', 'dev', 'eth0'])
    t.match(eth0, {
      address: inside?.mac,
      mtu: 1300,
      addr_info: [{ local: addressOf(result), prefixlen: 24 }],
    })
    const routes = await show<{ dst: string; gateway?: string }>(container, ['route', 'show'])
    const viaBridge = routes.filter(({ gateway }) => gateway === '10.87.1.1').map(({ dst }) => dst)
    t.same(viaBridge, ['default', '10.87.0.0/16'])
    await host.del(container)
  })

  await t.test('connects the container to the bridge, its neighbours and other hosts', async (t) => {
    const [one, two] = [await host.container(), await host.container()]
    await host.add(one)
    const second = await host.add(two)
    t.ok(await pings(one, '10.87.1.1'), 'the bridge')
    t.ok(await pings(one, addressOf(second)), 'another container')
    t.ok(await pings(one, '10.87.2.10'), 'a container of another host')
    await host.del(one)
    await host.del(two)
  })

  await t.test('gives an address the same MAC every time', async (t) => {
    const macs = []
    for (const container of [await host.container(), await host.container()]) {
      const result = await host.add(container, { args: 'IP=10.87.1.77' })
      macs.push(result.interfaces.map(({ mac }) => mac))
      await host.del(container)
    }
    t.same(macs[0], macs[1])
    t.equal(macs[0]?.[2], '0a:58:0a:57:01:4d', 'derived from the address')
  })

  t.same(await host.remains(), [], 'nothing is left')
})
