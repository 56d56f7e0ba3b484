// What ADD does for the host as a whole: kernel settings and routes to the other hosts.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parseCertificates } from '../../src/nebula/parse.ts'
import { rememberBlocklist } from '../../src/state/blocklist.ts'
import { removeLearnt, storeLearnt } from '../../src/state/learnt-peers.ts'
import { forgedPem, hostPem } from '../fixtures/certificates.ts'
import { addressOf, isSilent, whyNoHost } from '../fixtures/cni.ts'
import { HOST_B, makeHost } from '../fixtures/host.ts'
import { type Netns, pings, show } from '../fixtures/netns.ts'
import { routeChanges } from '../fixtures/route-monitor.ts'

t.setTimeout(240_000)

const skip = whyNoHost()

async function routesTo(host: Netns, network: string): Promise<readonly string[]> {
  const { stdout } = await host.exec(['ip', 'route', 'show', 'root', network])
  return stdout
    .split('\n')
    .map((line) => line.trim().replace(/ linkdown$/, ''))
    .filter((line) => line !== '')
}

const NEBULA = '10.87.2.0/24 via 10.86.2.1 dev nebula1 proto 77 src 10.87.1.1 metric 100'
const GATEWAY = '10.87.2.0/24 via 192.168.77.1 dev eth0 proto 77 src 10.87.1.1 metric 500'
const UNREACHABLE = 'unreachable 10.87.0.0/16 proto 77 metric 4294967295'

t.test('forwarding is on and strict source checks are loose on our links after ADD', { skip }, async (t) => {
  const host = await makeHost(t)
  const setting = async (name: string): Promise<string> =>
    (await host.netns.exec(['cat', `/proc/sys/net/ipv4/${name}`])).stdout
  t.equal(await setting('ip_forward'), '0')
  t.equal(await setting('conf/nebula1/rp_filter'), '1')
  await host.add(await host.container())
  t.equal(await setting('ip_forward'), '1')
  for (const link of ['nebula1', 'eth0']) t.equal(await setting(`conf/${link}/rp_filter`), '2', link)
  t.equal(await setting('conf/flatnet0/rp_filter'), '0', 'what is off stays off')
  t.equal(await setting('conf/all/rp_filter'), '0', 'other links are none of ours')
})

t.test('routes', { skip }, async (t) => {
  const host = await makeHost(t)

  await t.test('lead to each peer through Nebula first and through the gateway hop second', async (t) => {
    await host.add(await host.container())
    t.same(await routesTo(host.netns, '10.87.2.0/24'), [NEBULA, GATEWAY])
  })

  await t.test('stop what goes to a host that is not there', async (t) => {
    t.same(
      (await routesTo(host.netns, '10.87.0.0/16')).filter((route) => route.startsWith('unreachable')),
      [UNREACHABLE],
    )
    const { exitCode, stderr } = await host.netns.exec(['ip', 'route', 'get', '10.87.9.9'], { check: false })
    t.equal(exitCode, 2)
    t.match(stderr, /No route to host|unreachable/)
  })

  await t.test('stay untouched by the second ADD', async (t) => {
    const container = await host.container()
    const changes = await routeChanges(host.netns, async () => {
      await host.add(container)
    })
    t.same(
      changes.filter((line) => line.includes('proto 77')),
      [],
    )
  })

  await t.test('come back with the next ADD when somebody removed one', async (t) => {
    await host.netns.batch(['route delete 10.87.2.0/24 via 192.168.77.1 dev eth0 metric 500'])
    const container = await host.container()
    const changes = await routeChanges(host.netns, async () => {
      await host.add(container)
    })
    t.same(
      changes.filter((line) => line.includes('proto 77')).map((line) => line.trim()),
      [GATEWAY],
      'that one and no other is written',
    )
  })

  await t.test('of others are never touched', async (t) => {
    const foreign = [
      '10.87.7.0/24 via 192.168.77.1 dev eth0 metric 42',
      '10.87.2.0/24 via 192.168.77.1 dev eth0 proto static metric 7',
    ]
    await host.netns.batch(foreign.map((route) => `route add ${route}`))
    const add = async (): Promise<unknown> => host.add(await host.container())
    host.addPeer({ name: 'host-c', overlay: ['10.86.3.1/16'], subnets: ['10.87.3.0/24'] })
    await add()
    rmSync(join(host.peers, 'host-c.crt'))
    await add()
    for (const route of foreign) {
      t.ok((await routesTo(host.netns, route.split(' ')[0] ?? '')).includes(route), route)
    }
    await host.netns.batch(foreign.map((route) => `route delete ${route}`))
  })

  await t.test('go with the next ADD once the peer is no longer among the peers', async (t) => {
    rmSync(join(host.peers, 'host-b.crt'))
    await host.add(await host.container())
    t.same(await routesTo(host.netns, '10.87.2.0/24'), [])
    t.same(
      (await routesTo(host.netns, '10.87.0.0/16')).filter((route) => route.startsWith('unreachable')),
      [UNREACHABLE],
      'the pool stays closed',
    )
    host.addPeer(HOST_B)
  })

  await t.test('leave out a peer whose subnet overlaps ours, and ADD says so and works', async (t) => {
    host.addPeer({ name: 'greedy', overlay: ['10.86.5.1/16'], subnets: ['10.87.1.128/25'] })
    const { exitCode, stderr } = await host.call('ADD', await host.container())
    t.equal(exitCode, 0)
    t.match(
      stderr,
      /"level":"warn","msg":"peer refused","peer":"greedy".*10\.87\.1\.128\/25 overlaps this host's/,
    )
    t.same(await routesTo(host.netns, '10.87.1.128/25'), [])
    rmSync(join(host.peers, 'greedy.crt'))
  })

  await t.test(
    'lead to a peer that the agent has learnt, and go when the agent has forgotten it',
    async (t) => {
      const pem = hostPem({ name: 'learnt', overlay: ['10.86.9.1/16'], subnets: ['10.87.9.0/24'] })
      const fingerprint = parseCertificates(pem, 'learnt').map((each) => each.fingerprint)
      const dataDir = join(host.folder, 'data')
      storeLearnt(dataDir, [{ fingerprint: String(fingerprint), pem }], '10.86.0.1')
      await host.add(await host.container())
      t.match(await routesTo(host.netns, '10.87.9.0/24'), [
        /via 10\.86\.9\.1 dev nebula1/,
        /via 192\.168\.77\.1/,
      ])
      rememberBlocklist(dataDir, new Set(fingerprint))
      await host.add(await host.container())
      t.same(await routesTo(host.netns, '10.87.9.0/24'), [], 'blocked in the meantime')
      rememberBlocklist(dataDir, new Set())
      await host.add(await host.container())
      t.equal((await routesTo(host.netns, '10.87.9.0/24')).length, 2)
      removeLearnt(dataDir, fingerprint, Date.now())
      await host.add(await host.container())
      t.same(await routesTo(host.netns, '10.87.9.0/24'), [])
    },
  )

  await t.test('lead to the first of two peers that claim the same subnet', async (t) => {
    const subnets = ['10.87.6.0/24']
    host.addPeer({
      name: 'second',
      overlay: ['10.86.6.2/16'],
      subnets,
      notBefore: Date.UTC(2021, 0, 1) / 1000,
    })
    host.addPeer({ name: 'twin', overlay: ['10.86.6.1/16'], subnets, notBefore: Date.UTC(2020, 6, 1) / 1000 })
    const { exitCode, stderr } = await host.call('ADD', await host.container())
    t.equal(exitCode, 0)
    t.match(stderr, /"msg":"peer refused","peer":"second".*10\.87\.6\.0\/24 of \\"twin\\"/)
    t.notMatch(stderr, /"peer":"twin"/)
    const routes = (await routesTo(host.netns, '10.87.6.0/24')).join('\n')
    t.match(routes, /via 10\.86\.6\.1 dev nebula1/)
    t.notMatch(routes, /via 10\.86\.6\.2/)
    for (const name of ['second', 'twin']) rmSync(join(host.peers, `${name}.crt`))
  })

  await t.test('leave out a peer nobody trusted has signed, and damaged files', async (t) => {
    writeFileSync(
      join(host.peers, 'forged.crt'),
      forgedPem({ name: 'forged', overlay: ['10.86.8.1/16'], subnets: ['10.87.8.0/24'] }),
    )
    writeFileSync(join(host.peers, 'broken.pem'), '-----BEGIN NEBULA')
    const { exitCode, stderr } = await host.call('ADD', await host.container())
    t.equal(exitCode, 0)
    t.match(stderr, /"peer":"broken.pem"[^\n]*\n.*"peer":"forged.crt".*Signature/)
    t.same(await routesTo(host.netns, '10.87.8.0/24'), [])
    t.same(await routesTo(host.netns, '10.87.2.0/24'), [NEBULA, GATEWAY], 'good ones are routed all the same')
  })
})

t.test('a new certificate with another subnet', { skip }, async (t) => {
  const host = await makeHost(t)
  const old = await host.container()
  await host.add(old)
  writeFileSync(join(host.folder, 'host.crt'), hostPem({ subnets: ['10.87.44.0/24'] }))

  await t.test('gives the next container an address of it and the routes its source', async (t) => {
    const container = await host.container()
    t.equal(addressOf(await host.add(container)), '10.87.44.10')
    t.ok(await pings(container, '10.87.44.1'))
    const source = (route: string): string => route.replace('src 10.87.1.1', 'src 10.87.44.1')
    t.same(await routesTo(host.netns, '10.87.2.0/24'), [source(NEBULA), source(GATEWAY)])
  })

  await t.test('does not keep older containers from going', async (t) => {
    isSilent(t, await host.del(old), 'DEL')
    t.equal((await host.remains()).length, 3, 'the new one stays')
  })
})

t.test('with Nebula down', { skip }, async (t) => {
  const host = await makeHost(t)
  await host.add(await host.container())
  await host.netns.batch(['link delete dev nebula1'])

  await t.test('ADD works, warns, and leaves the gateway path', async (t) => {
    const container = await host.container()
    const { exitCode, stdout, stderr } = await host.call('ADD', container)
    t.equal(exitCode, 0, stdout)
    t.match(stderr, /"level":"warn","msg":"nebula link not found, gateway path only"/)
    t.same(await routesTo(host.netns, '10.87.2.0/24'), [GATEWAY])
    t.ok(await pings(container, '10.87.1.1'))
  })

  await t.test('containers get the MTU that fits when it is back', async (t) => {
    const container = await host.container()
    await host.add(container)
    t.match(await show(container, ['link', 'show', 'dev', 'eth0']), [{ mtu: 1300 }])
  })
})

t.test('the MTU is that of the nebula link, or the one that is set', { skip }, async (t) => {
  const host = await makeHost(t)
  await host.netns.batch(['link set nebula1 mtu 1420'])
  const mtuWith = async (conf: object): Promise<unknown> => {
    const container = await host.container()
    await host.add(container, { conf: { ...conf } })
    return (await show<{ mtu: number }>(container, ['link', 'show', 'dev', 'eth0']))[0]?.mtu
  }
  t.equal(await mtuWith({}), 1420)
  t.equal(await mtuWith({ mtu: 1280 }), 1280)
})

t.test('a peer can have a gateway hop of its own', { skip }, async (t) => {
  const host = await makeHost(t)
  await host.add(await host.container(), { conf: { peerGateways: { '10.86.2.1': '192.168.77.22' } } })
  t.same(await routesTo(host.netns, '10.87.2.0/24'), [NEBULA, GATEWAY.replace('77.1 ', '77.22 ')])
  await host.add(await host.container(), { conf: { gateway: { via: 'none' }, metrics: { p2p: 50 } } })
  t.same(await routesTo(host.netns, '10.87.2.0/24'), [NEBULA.replace('100', '50')], 'and there may be none')
})

t.test(
  'traffic to a peer goes on through the gateway hop when the nebula route is gone',
  { skip },
  async (t) => {
    const host = await makeHost(t)
    const container = await host.container()
    const address = addressOf(await host.add(container))
    // `outside` stands in for the Gateway's machine here: it knows the other host's container.
    await host.outside.batch([
      'address add 10.87.2.10/32 dev lo',
      `route add ${address}/32 via 192.168.77.10`,
    ])
    t.ok(await pings(container, '10.87.2.10'), 'through Nebula')
    await host.netns.batch(['link set nebula1 down'])
    t.ok(await pings(container, '10.87.2.10'), 'through the gateway hop')
  },
)
