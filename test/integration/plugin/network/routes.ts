// What ADD does for the whole host: kernel settings and routes to other hosts.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parseCertificates } from '../../../../src/nebula/certificate/parse.ts'
import { rememberBlocklist } from '../../../../src/state/agent/blocklist.ts'
import { removeLearnt, storeLearnt } from '../../../../src/state/agent/learnt-peers.ts'
import { forgedPem, hostPem } from '../../../fixtures/certificates.ts'
import { addressOf, isSilent, whyNoHost } from '../../../fixtures/host/cni.ts'
import { HOST_B, makeHost } from '../../../fixtures/host/host.ts'
import { type Netns, pings, show } from '../../../fixtures/host/netns.ts'
import { routeChanges } from '../../../fixtures/traffic/route-monitor.ts'

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

t.test('ADD enables forwarding and loosens strict source checks on our links', { skip }, async (t) => {
  const host = await makeHost(t)
  const setting = async (name: string): Promise<string> =>
    (await host.netns.exec(['cat', `/proc/sys/net/ipv4/${name}`])).stdout
  t.equal(await setting('ip_forward'), '0')
  t.equal(await setting('conf/nebula1/rp_filter'), '1')
  await host.add(await host.container())
  t.equal(await setting('ip_forward'), '1')
  for (const link of ['nebula1', 'eth0']) t.equal(await setting(`conf/${link}/rp_filter`), '2', link)
  t.equal(await setting('conf/flatnet0/rp_filter'), '0', 'a check that is off stays off')
  t.equal(await setting('conf/all/rp_filter'), '0', 'other links are unchanged')
})

t.test('forwarding is on for each of our links if new links start without it', { skip }, async (t) => {
  const host = await makeHost(t)
  // As hardening scripts leave it: the host is a router, but later links are not.
  const off = [
    'echo 1 >ip_forward',
    ...['default', 'nebula1', 'eth0'].map((link) => `echo 0 >conf/${link}/forwarding`),
  ]
  await host.netns.exec(['sh', '-ec', ['cd /proc/sys/net/ipv4', ...off].join('\n')])
  const container = await host.container()
  await host.add(container)
  t.ok(await pings(container, '10.87.2.10'))
  const files = ['flatnet0', 'nebula1', 'eth0', 'default'].map(
    (link) => `/proc/sys/net/ipv4/conf/${link}/forwarding`,
  )
  const { stdout } = await host.netns.exec(['cat', ...files])
  t.equal(stdout.trim().split('\n').join(' '), '1 1 1 0', 'other links are unchanged')
})

t.test('routes', { skip }, async (t) => {
  const host = await makeHost(t)

  await t.test('lead to each peer through Nebula first and through the gateway hop second', async (t) => {
    await host.add(await host.container())
    t.same(await routesTo(host.netns, '10.87.2.0/24'), [NEBULA, GATEWAY])
  })

  await t.test('block packets to a host that does not exist', async (t) => {
    t.same(
      (await routesTo(host.netns, '10.87.0.0/16')).filter((route) => route.startsWith('unreachable')),
      [UNREACHABLE],
    )
    const { exitCode, stderr } = await host.netns.exec(['ip', 'route', 'get', '10.87.9.9'], { check: false })
    t.equal(exitCode, 2)
    t.match(stderr, /No route to host|unreachable/)
  })

  await t.test('are unchanged by the second ADD', async (t) => {
    const container = await host.container()
    const changes = await routeChanges(host.netns, async () => {
      await host.add(container)
    })
    t.same(
      changes.filter((line) => line.includes('proto 77')),
      [],
    )
  })

  await t.test('are restored by the next ADD after one was deleted', async (t) => {
    await host.netns.batch(['route delete 10.87.2.0/24 via 192.168.77.1 dev eth0 metric 500'])
    const container = await host.container()
    const changes = await routeChanges(host.netns, async () => {
      await host.add(container)
    })
    t.same(
      changes.filter((line) => line.includes('proto 77')).map((line) => line.trim()),
      [GATEWAY],
      'only that route is written',
    )
  })

  await t.test('of other programs are never touched', async (t) => {
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

  await t.test('are removed by the next ADD once the peer has left', async (t) => {
    rmSync(join(host.peers, 'host-b.crt'))
    await host.add(await host.container())
    t.same(await routesTo(host.netns, '10.87.2.0/24'), [])
    t.same(
      (await routesTo(host.netns, '10.87.0.0/16')).filter((route) => route.startsWith('unreachable')),
      [UNREACHABLE],
      'the rest of the pool stays unreachable',
    )
    host.addPeer(HOST_B)
  })

  await t.test('leave out a peer whose subnet overlaps ours; ADD warns and works', async (t) => {
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

  await t.test('lead to a peer that the agent has learnt, and go when the agent forgets it', async (t) => {
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
    t.same(await routesTo(host.netns, '10.87.9.0/24'), [], 'its packets are blocked')
    rememberBlocklist(dataDir, new Set())
    await host.add(await host.container())
    t.equal((await routesTo(host.netns, '10.87.9.0/24')).length, 2)
    removeLearnt(dataDir, fingerprint)
    await host.add(await host.container())
    t.same(await routesTo(host.netns, '10.87.9.0/24'), [])
  })

  await t.test('lead to the first of two peers with the same subnet', async (t) => {
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

  await t.test('leave out a peer signed by an untrusted CA, and damaged files', async (t) => {
    writeFileSync(
      join(host.peers, 'forged.crt'),
      forgedPem({ name: 'forged', overlay: ['10.86.8.1/16'], subnets: ['10.87.8.0/24'] }),
    )
    writeFileSync(join(host.peers, 'broken.pem'), '-----BEGIN NEBULA')
    const { exitCode, stderr } = await host.call('ADD', await host.container())
    t.equal(exitCode, 0)
    t.match(stderr, /"peer":"broken.pem"[^\n]*\n.*"peer":"forged.crt".*Signature/)
    t.same(await routesTo(host.netns, '10.87.8.0/24'), [])
    t.same(await routesTo(host.netns, '10.87.2.0/24'), [NEBULA, GATEWAY], 'valid peers are routed')
  })
})

t.test('a new certificate with another subnet', { skip }, async (t) => {
  const host = await makeHost(t)
  const old = await host.container()
  await host.add(old)
  writeFileSync(join(host.folder, 'host.crt'), hostPem({ subnets: ['10.87.44.0/24'] }))

  await t.test("provides the next container's address and the routes' source address", async (t) => {
    const container = await host.container()
    t.equal(addressOf(await host.add(container)), '10.87.44.10')
    t.ok(await pings(container, '10.87.44.1'))
    const source = (route: string): string => route.replace('src 10.87.1.1', 'src 10.87.44.1')
    t.same(await routesTo(host.netns, '10.87.2.0/24'), [source(NEBULA), source(GATEWAY)])
  })

  await t.test('does not prevent DEL of older containers', async (t) => {
    isSilent(t, await host.del(old), 'DEL')
    t.equal((await host.remains()).length, 3, 'the new container stays')
  })
})

t.test('with Nebula down', { skip }, async (t) => {
  const host = await makeHost(t)
  await host.add(await host.container())
  await host.netns.batch(['link delete dev nebula1'])

  await t.test('ADD works, warns, and installs the gateway path only', async (t) => {
    const container = await host.container()
    const { exitCode, stdout, stderr } = await host.call('ADD', container)
    t.equal(exitCode, 0, stdout)
    t.match(stderr, /"level":"warn","msg":"nebula link not found, gateway path only"/)
    t.same(await routesTo(host.netns, '10.87.2.0/24'), [GATEWAY])
    t.ok(await pings(container, '10.87.1.1'))
  })

  await t.test('containers get the right MTU once it is up again', async (t) => {
    const container = await host.container()
    await host.add(container)
    t.match(await show(container, ['link', 'show', 'dev', 'eth0']), [{ mtu: 1300 }])
  })
})

t.test('the MTU is that of the nebula link, or the configured one', { skip }, async (t) => {
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

t.test('a peer can have its own gateway hop', { skip }, async (t) => {
  const host = await makeHost(t)
  await host.add(await host.container(), { conf: { peerGateways: { '10.86.2.1': '192.168.77.22' } } })
  t.same(await routesTo(host.netns, '10.87.2.0/24'), [NEBULA, GATEWAY.replace('77.1 ', '77.22 ')])
  await host.add(await host.container(), { conf: { gateway: { via: 'none' }, metrics: { p2p: 50 } } })
  t.same(
    await routesTo(host.netns, '10.87.2.0/24'),
    [NEBULA.replace('100', '50')],
    'gateway hops can be disabled',
  )
})

t.test(
  'traffic to a peer continues through the gateway hop without the nebula route',
  { skip },
  async (t) => {
    const host = await makeHost(t)
    const container = await host.container()
    const address = addressOf(await host.add(container))
    // `outside` acts as the gateway's machine: it knows the other host's container.
    await host.outside.batch([
      'address add 10.87.2.10/32 dev lo',
      `route add ${address}/32 via 192.168.77.10`,
    ])
    t.ok(await pings(container, '10.87.2.10'), 'through Nebula')
    await host.netns.batch(['link set nebula1 down'])
    t.ok(await pings(container, '10.87.2.10'), 'through the gateway hop')
  },
)
