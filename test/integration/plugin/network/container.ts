// What settings and capabilities do to the container's link: routes, kernel settings, bandwidth, and
// isolation.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { hostPem } from '../../../fixtures/certificates.ts'
import { addressOf, isRefused, whyNoHost } from '../../../fixtures/host/cni.ts'
import { type Conf, makeHost } from '../../../fixtures/host/host.ts'
import { BRIEFLY_S, type Netns, pings, show } from '../../../fixtures/host/netns.ts'
import { ask, askInVain, serve } from '../../../fixtures/traffic/talk.ts'

const skip = whyNoHost()

t.test('extra routes', { skip }, async (t) => {
  const host = await makeHost(t)
  const routes = [
    { dst: '192.0.2.0/24', gw: '10.87.1.77', priority: 7, mtu: 1000, advmss: 900 },
    { dst: '198.51.100.0/24', table: 99 },
    { dst: '10.99.0.0/16', scope: 253 },
    { dst: '0.0.0.0/0', priority: 50 },
    { dst: '2001:db8::/32' },
  ]
  const container = await host.container()
  const result = await host.add(container, { conf: { routes } })
  const lines = (await container.exec(['ip', 'route', 'show', 'table', 'all', 'type', 'unicast'])).stdout
    .split('\n')
    .map((line) => line.replaceAll(' dev eth0', '').trim())
  for (const line of [
    '192.0.2.0/24 via 10.87.1.77 metric 7 mtu 1000 advmss 900',
    '198.51.100.0/24 via 10.87.1.1 table 99',
    '10.99.0.0/16 scope link',
    'default via 10.87.1.1 metric 50',
  ])
    t.ok(lines.includes(line), `${line} in ${lines.join('; ')}`)
  t.notOk(lines.includes('default via 10.87.1.1'), 'they replace the usual default route')
  t.match(
    result.routes.map(({ dst, gw }) => `${dst} ${gw ?? 'link'}`),
    [
      '10.87.0.0/16 10.87.1.1',
      '192.0.2.0/24 10.87.1.77',
      '198.51.100.0/24 10.87.1.1',
      '10.99.0.0/16 link',
      '0.0.0.0/0 10.87.1.1',
    ],
  )
  const other = await host.container()
  const cases: [Conf, number, RegExp][] = [
    [{ dst: '192.0.2.1/24' }, 7, /routes\[0\]\.dst: host bits set, the network is 192\.0\.2\.0\/24/],
    [{ dst: '192.0.2.0/24', gw: 'fd87::1' }, 7, /routes\[0\]\.gw: needs an address of the family/],
    [{ dst: '192.0.2.0/24', metric: 5 }, 2, /routes\[0\]\.metric: 5/],
  ]
  for (const [route, code, says] of cases)
    isRefused(t, await host.call('ADD', other, { conf: { routes: [route] } }), code, says)
})

t.test('kernel settings', { skip }, async (t) => {
  const host = await makeHost(t)
  const container = await host.container()
  const sysctl = { 'net.ipv4.conf.IFNAME.arp_notify': '1', 'net/ipv4/neigh/IFNAME/gc_stale_time': 77 }
  await host.add(container, { conf: { sysctl } })
  const value = async (netns: Netns, path: string): Promise<string> =>
    (await netns.exec(['cat', `/proc/sys/net/${path}`])).stdout
  t.equal(await value(container, 'ipv4/conf/eth0/arp_notify'), '1')
  t.equal(await value(container, 'ipv4/neigh/eth0/gc_stale_time'), '77')
  t.equal(await value(host.netns, 'ipv4/conf/eth0/arp_notify'), '0', "the host's own eth0 is unchanged")
  for (const name of [
    'net.ipv4.ip_forward',
    'net.ipv4.conf.all.rp_filter',
    'net.ipv4.conf.IFNAME.../../x',
    'kernel.hostname',
  ]) {
    const refused = await host.call('ADD', await host.container(), { conf: { sysctl: { [name]: '1' } } })
    isRefused(t, refused, 7, /sysctl\.\S+: cannot be set here, only net\.ipv4\.conf\.IFNAME/)
  }
  const before = await host.remains()
  const unknown = { 'net.ipv4.conf.IFNAME.no_such': '1' }
  const refused = await host.call('ADD', await host.container(), { conf: { sysctl: unknown } })
  isRefused(t, refused, 5, /net\.ipv4\.conf\.eth0\.no_such=1 in/)
  t.same(await host.remains(), before, 'nothing is left')
})

t.test('bandwidth is limited in both directions', { skip }, async (t) => {
  const host = await makeHost(t)
  const container = await host.container()
  // As containerd writes it.
  const bandwidth = {
    IngressRate: 8_000_000,
    IngressBurst: 80_000,
    EgressRate: 4_000_000,
    EgressBurst: 40_000,
  }
  const result = await host.add(container, { conf: { runtimeConfig: { bandwidth } } })
  const [own, hostLink] = [addressOf(result), result.interfaces[1]?.name ?? '']
  const address = addressOf(await host.add(await host.container()))
  const qdisc = async (netns: Netns, dev: string) =>
    JSON.parse((await netns.exec(['tc', '-s', '-j', 'qdisc', 'show', 'dev', dev])).stdout) as {
      kind: string
      overlimits: number
      options: { rate: number; burst: number }
    }[]
  // tc prints bytes per second.
  t.match(await qdisc(host.netns, hostLink), [{ kind: 'tbf', options: { rate: 1_000_000 } }])
  t.match(await qdisc(container, 'eth0'), [{ kind: 'tbf', options: { rate: 500_000 } }])
  // Sends more than the bucket holds.
  const flood = ['ping', '-n', '-q', '-c', '100', '-i', '0.002', '-s', '1200', '-l', '100']
  const cases = [
    { from: host.netns, to: own, netns: host.netns, dev: hostLink },
    { from: container, to: '10.87.1.1', netns: container, dev: 'eth0' },
  ]
  for (const { from, to, netns, dev } of cases) {
    await from.exec([...flood, to], { check: false })
    t.ok(((await qdisc(netns, dev))[0]?.overlimits ?? 0) > 0, `${dev}: packets were queued`)
  }
  t.ok(await pings(container, address), 'packets arrived')

  await t.test('settings limit it as well, and a rate of 0 means no limit', async (t) => {
    const two = await host.container()
    await host.add(two, { conf: { bandwidth: { egressRate: 1000000, ingressRate: 0 } } })
    t.match(await qdisc(two, 'eth0'), [{ kind: 'tbf', options: { rate: 125_000 } }])
    const burst = { runtimeConfig: { bandwidth: { egressBurst: 5 } } }
    isRefused(
      t,
      await host.call('ADD', await host.container(), { conf: burst }),
      7,
      /egressBurst: has no effect/,
    )
    // Kubernetes' value for "no limit".
    const huge = { ingressRate: 1000, ingressBurst: 4294967295, egressRate: 100e9, egressBurst: 4294967295 }
    const three = await host.container()
    await host.add(three, { conf: { runtimeConfig: { bandwidth: huge } } })
    t.match(await qdisc(three, 'eth0'), [{ kind: 'tbf' }])
  })
})

t.test('ipRanges limit the choice of addresses', { skip }, async (t) => {
  const host = await makeHost(t)
  const range = (...ranges: Conf[]): { conf: Conf } => ({ conf: { runtimeConfig: { ipRanges: [ranges] } } })
  const narrow = range({ subnet: '10.87.1.0/24', rangeStart: '10.87.1.100', rangeEnd: '10.87.1.101' })
  const first = await host.container()
  t.equal(addressOf(await host.add(first, narrow)), '10.87.1.100')
  t.equal(addressOf(await host.add(await host.container(), narrow)), '10.87.1.101')
  isRefused(
    t,
    await host.call('ADD', await host.container(), narrow),
    101,
    /10\.87\.1\.100 to 10\.87\.1\.101/,
  )
  await host.del(first)
  t.equal(
    addressOf(await host.add(await host.container(), narrow)),
    '10.87.1.100',
    'the address is free again',
  )
  t.equal(
    addressOf(await host.add(await host.container(), range({ subnet: '10.87.0.0/16' }))),
    '10.87.1.4',
    'the part of a wider range inside our subnet, without reserved addresses',
  )
  const elsewhere = range({ subnet: '10.87.2.0/24' })
  isRefused(
    t,
    await host.call('ADD', await host.container(), elsewhere),
    7,
    /address range: 10\.87\.2\.0 to \S+ is outside/,
  )
})

t.test("the runtime's dns takes precedence over the configuration's", { skip }, async (t) => {
  const host = await makeHost(t)
  const dns = { nameservers: ['10.87.1.1'], search: ['office.example'] }
  const none = { Servers: null, Searches: null, Options: null }
  t.same((await host.add(await host.container(), { conf: { dns, runtimeConfig: { dns: none } } })).dns, dns)
  const runtimeConfig = { dns: { Servers: ['192.0.2.53'], Options: ['ndots:1'] } }
  t.same((await host.add(await host.container(), { conf: { dns, runtimeConfig } })).dns, {
    nameservers: ['192.0.2.53'],
    options: ['ndots:1'],
  })
})

t.test('aliases are recorded', { skip }, async (t) => {
  const host = await makeHost(t)
  const container = await host.container()
  await host.add(container, {
    conf: { runtimeConfig: { aliases: { flatnet: ['db', 'abc'], other: ['x'] } } },
  })
  const record = readFileSync(join(host.stateDir, 'attachments/flatnet', `${container.name}:eth0`), 'utf8')
  t.same((JSON.parse(record) as { aliases: string[] }).aliases, ['db', 'abc'])
})

t.test('the bridge', { skip }, async (t) => {
  const host = await makeHost(t)
  const hairpin = async (link: string | undefined): Promise<string> =>
    (await host.netns.exec(['ip', '-d', 'link', 'show', 'dev', link ?? ''])).stdout.match(
      /hairpin (\w+)/,
    )?.[1] ?? ''
  const plain = await host.add(await host.container())
  const looped = await host.add(await host.container(), { conf: { hairpinMode: true } })
  t.equal(await hairpin(plain.interfaces[1]?.name), 'off')
  t.equal(await hairpin(looped.interfaces[1]?.name), 'on')
  await host.add(await host.container(), { conf: { promiscMode: true } })
  const [bridge] = await show<{ flags: string[] }>(host.netns, ['link', 'show', 'dev', 'flatnet0'])
  t.ok(bridge?.flags.includes('PROMISC'))
  const both = { promiscMode: true, hairpinMode: true }
  isRefused(
    t,
    await host.call('ADD', await host.container(), { conf: both }),
    7,
    /promiscMode: cannot be combined/,
  )
})

t.test('isolation', { skip }, async (t) => {
  const host = await makeHost(t)
  // Uses a second certificate, because two bridges cannot hold the same subnet.
  const [ca, cert] = [join(host.folder, 'ca.crt'), join(host.folder, 'second.crt')]
  writeFileSync(cert, hostPem({ subnets: ['10.87.9.0/24'] }))
  await host.far.batch(['route add 10.87.9.0/24 via 10.86.1.1'])
  const second = {
    name: 'second',
    bridge: 'flatnet9',
    nebula: { ca, cert },
    runDir: join(host.folder, 'run9'),
  }
  const published = { runtimeConfig: { portMappings: [{ hostPort: 8080, containerPort: 80 }] } }
  const [one, two, mate] = [await host.container(), await host.container(), await host.container()]
  await host.add(one)
  const there = addressOf(await host.add(two, { conf: { ...second, ...published } }))
  const beside = addressOf(await host.add(mate, { conf: second }))
  await serve(t, two, 'two', { port: 80 })
  t.ok(await pings(one, there), 'networks of one host can reach each other')
  await host.add(await host.container(), { conf: { ...second, isolation: true } })
  t.notOk(await pings(one, there, BRIEFLY_S), 'not if one is isolated')
  t.notOk(
    await pings(two, addressOf(await host.add(await host.container())), BRIEFLY_S),
    'nor in the other direction',
  )
  t.ok(await pings(two, beside), 'containers of the isolated network reach each other')
  t.ok(await pings(two, '10.87.2.10'), 'they reach other hosts')
  t.ok(await pings(two, '203.0.113.9'), 'they reach the outside')
  t.equal(await ask(host.outside, { address: '192.168.77.10', port: 8080 }), 'two <- 192.168.77.1')
  t.equal(
    await ask(one, { address: '192.168.77.10', port: 8080 }),
    'two <- 10.87.1.10',
    'a published port is open',
  )
  t.equal(await askInVain(one, { address: there, port: 80 }), 'silence', 'its target is not')
})
