// The routes of a host with a live agent, on each path and for each kind of gateway.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { waitUntil } from '../../../scripts/lab/run.ts'
import { type Holder, holdRoutes } from '../../fixtures/agent/holder.ts'
import { hostPem } from '../../fixtures/certificates.ts'
import { addressOf, whyNoHost } from '../../fixtures/host/cni.ts'
import { DUAL_A, DUAL_POOL, makeHost, type TestHost } from '../../fixtures/host/host.ts'
import { pings, show } from '../../fixtures/host/netns.ts'
import { routeChanges } from '../../fixtures/traffic/route-monitor.ts'

const skip = whyNoHost()

const P2P = '10.87.2.0/24 via 10.86.2.1 dev nebula1 src 10.87.1.1 metric 100'
const GATEWAY = '10.87.2.0/24 via 192.168.77.1 dev eth0 src 10.87.1.1 metric 500'
const PIN_P2P = '10.87.2.2 via 10.86.2.1 dev nebula1 src 10.87.1.2 metric 100'
const PIN_GATEWAY = '10.87.2.3 via 192.168.77.1 dev eth0 src 10.87.1.3 metric 500'
const UNREACHABLE = 'unreachable 10.87.0.0/16 metric 4294967295'
const RESTING = [GATEWAY, PIN_P2P, PIN_GATEWAY, UNREACHABLE].toSorted()

async function ours({ netns }: TestHost, family: '-4' | '-6' = '-4'): Promise<readonly string[]> {
  const { stdout } = await netns.exec(['ip', family, 'route', 'show', 'proto', '77'])
  return stdout
    .split('\n')
    .map((line) => line.trim().replace(/ linkdown| pref medium/g, ''))
    .filter((line) => line !== '')
    .toSorted()
}

async function addresses({ netns }: TestHost): Promise<readonly string[]> {
  const links = await show<{ addr_info: { local: string; prefixlen: number }[] }>(netns, [
    'address',
    'show',
    'dev',
    'flatnet0',
  ])
  return links
    .flatMap(({ addr_info }) => addr_info)
    .map(({ local, prefixlen }) => `${local}/${String(prefixlen)}`)
    .filter((text) => !text.startsWith('fe80'))
    .toSorted()
}

t.test('with a gateway hop on another link', { skip }, async (t) => {
  const host = await makeHost(t)
  const holder = await holdRoutes(t, host)
  const changes = (action: () => Promise<unknown>): Promise<readonly string[]> =>
    routeChanges(host.netns, async () => {
      await action()
    }).then((lines) => lines.filter((line) => line.includes('proto 77')))

  await t.test('at first there is the gateway path, with probe routes pinned to both paths', async (t) => {
    await holder.tell({ do: 'reconcile' })
    t.same(await ours(host), RESTING)
    t.same(await addresses(host), ['10.87.1.1/24', '10.87.1.2/32', '10.87.1.3/32'])
    t.same(await holder.tell({ do: 'adopted' }), [])
  })

  await t.test('a switch adds or deletes the direct route and nothing else', async (t) => {
    const up = await changes(() => holder.tell({ do: 'switch', to: 'p2p' }))
    t.equal(up.length, 1)
    t.same(await ours(host), [...RESTING, P2P].toSorted())
    t.same(await holder.tell({ do: 'adopted' }), ['10.86.2.1'])
    t.ok(await pings(host.netns, '10.87.2.10'))
    const down = await changes(() => holder.tell({ do: 'switch', to: 'gateway' }))
    t.equal(down.length, 1)
    t.same(await ours(host), RESTING)
    await holder.tell({ do: 'switch', to: 'gateway' })
    t.same(await ours(host), RESTING, 'a repeated switch changes nothing')
  })

  await t.test('a reconcile restores what others removed and nothing else', async (t) => {
    await host.netns.batch(['route delete 10.87.2.3/32', 'route delete 10.87.2.0/24 metric 500'])
    const written = await changes(() => holder.tell({ do: 'reconcile', p2p: ['10.86.2.1'] }))
    t.equal(written.length, 3, written.join('\n'))
    t.same(await ours(host), [...RESTING, P2P].toSorted())
    t.same(await changes(() => holder.tell({ do: 'reconcile', p2p: ['10.86.2.1'] })), [])
  })

  await t.test('a repair replaces the routes that Nebula reads', async (t) => {
    const notices = await changes(() => holder.tell({ do: 'repair' }))
    t.match(notices, [
      /^Deleted 10\.87\.2\.2 via 10\.86\.2\.1 /,
      /^10\.87\.2\.2 via 10\.86\.2\.1 /,
      /^Deleted 10\.87\.2\.0\/25 via 10\.86\.2\.1 .*table 4280/,
      /^10\.87\.2\.0\/25 via 10\.86\.2\.1 .*table 4280/,
      /^Deleted 10\.87\.2\.128\/25 via 10\.86\.2\.1 .*table 4280/,
      /^10\.87\.2\.128\/25 via 10\.86\.2\.1 .*table 4280/,
    ])
    t.equal(notices.length, 6)
  })

  await t.test('the gateway routes stay while no gateway is found', async (t) => {
    await host.netns.batch(['route delete default'])
    await holder.tell({ do: 'reconcile' })
    t.same(await ours(host), RESTING)
    await host.netns.batch(['route add default via 192.168.77.1'])
  })

  await t.test('a route that the kernel refuses does not prevent others', async (t) => {
    host.addPeer({ name: 'astray', overlay: ['10.99.0.1/16'], subnets: ['10.87.5.0/24'] })
    host.addPeer({ name: 'host-z', overlay: ['10.86.6.1/16'], subnets: ['10.87.6.0/24'] })
    const { refused } = (await holder.tell({ do: 'reconcile' })) as { refused: readonly string[] }
    t.match(refused, [/^route replace 10\.87\.5\.2\/32 via 10\.99\.0\.1 /])
    t.ok((await ours(host)).some((route) => route.startsWith('10.87.6.0/24 via 192.168.77.1')))
  })

  await t.test('without the nebula link only the gateway path is left', async (t) => {
    await holder.tell({ do: 'monitor' })
    await host.netns.batch(['link delete dev nebula1'])
    await waitUntil('the notice of the link', 10_000, async () => holder.notices.length > 0)
    t.same(holder.notices, [{ kind: 'link-gone', dev: 'nebula1' }])
    await holder.tell({ do: 'reconcile', p2p: ['10.86.2.1'] })
    t.notMatch((await ours(host)).join('\n'), /nebula1/)
    t.ok((await ours(host)).includes(GATEWAY))
  })
})

t.test("with the peer's address on the LAN as its gateway hop", { skip }, async (t) => {
  const host = await makeHost(t)
  const holder = await holdRoutes(t, host, { peerGateways: { '10.86.2.1': '192.168.77.22' } })
  await holder.tell({ do: 'reconcile', p2p: ['10.86.2.1'] })
  const own = [GATEWAY, PIN_GATEWAY].map((route) => route.replace('77.1 ', '77.22 '))
  t.same(await ours(host), [...own, P2P, PIN_P2P, UNREACHABLE].toSorted())
})

t.test('with a gateway host inside Nebula', { skip }, async (t) => {
  const host = await makeHost(t)
  host.addPeer({ name: 'gate', overlay: ['10.86.0.9/16'], subnets: ['10.87.0.0/16'] })
  const holder = await holdRoutes(t, host, { gateway: { via: '10.86.0.9' } })
  const pool = '10.87.0.0/16 via 10.86.0.9 dev nebula1 src 10.87.1.1 metric 500'
  const pin = '10.87.2.3 via 10.86.0.9 dev nebula1 src 10.87.1.3 metric 500'

  await t.test('one route for the pool serves all peers, and no prefix appears twice', async (t) => {
    await holder.tell({ do: 'reconcile' })
    t.same(await ours(host), [pool, pin, PIN_P2P, UNREACHABLE].toSorted())
    await holder.tell({ do: 'switch', to: 'p2p' })
    t.same(await ours(host), [pool, pin, PIN_P2P, P2P, UNREACHABLE].toSorted())
  })

  await t.test('the route stays when the agent dies', async (t) => {
    process.kill(holder.pid, 'SIGKILL')
    await waitUntil('the direct route to go', 20_000, async () => !(await ours(host)).includes(P2P))
    t.ok((await ours(host)).includes(pool))
  })

  await t.test('without an agent ADD installs both paths', async (t) => {
    await host.add(await host.container(), { conf: holder.conf })
    t.same(await ours(host), [pool, P2P, UNREACHABLE].toSorted())
  })

  await t.test('ADD works while Nebula is down', async (t) => {
    await host.netns.batch(['link delete dev nebula1'])
    await host.add(await host.container(), { conf: holder.conf })
    t.same(await ours(host), [UNREACHABLE])
  })

  await t.test("a peer's own gateway hop cannot be inside Nebula as well", async (t) => {
    const conf = { ...holder.conf, peerGateways: { '10.86.2.1': '10.86.2.1' } }
    const { exitCode, stdout } = await host.call('ADD', await host.container(), { conf })
    t.equal(exitCode, 1)
    t.match(stdout, /peerGateways\.10\.86\.2\.1: 10\.86\.2\.1 is an overlay address/)
  })
})

t.test(
  'each path has both families, and the kernel never selects a probe address as source',
  { skip },
  async (t) => {
    const host = await makeHost(t, { dual: true, certificate: DUAL_A })
    const conf = { pool: DUAL_POOL }
    const holder = await holdRoutes(t, host, conf)
    const container = await host.container()
    const address = addressOf(await host.add(container, { conf: { ...holder.conf } }), 1)
    await holder.tell({ do: 'reconcile', p2p: ['10.86.2.1'] })
    t.same(
      await ours(host, '-6'),
      [
        'fd87:0:0:2::/64 via fd86::2:1 dev nebula1 src fd87:0:0:1::1 metric 100',
        'fd87:0:0:2::/64 via fd77::1 dev eth0 src fd87:0:0:1::1 metric 500',
        'fd87:0:0:2::2 via fd86::2:1 dev nebula1 src fd87:0:0:1::2 metric 100',
        'fd87:0:0:2::3 via fd77::1 dev eth0 src fd87:0:0:1::3 metric 500',
        'unreachable fd87::/48 dev lo metric 4294967295',
      ].toSorted(),
    )
    await holder.tell({ do: 'switch', to: 'gateway' })
    t.notMatch((await ours(host, '-6')).join('\n'), /::\/64 via fd86/)
    t.notOk((await ours(host)).includes(P2P))
    const { stdout } = await host.netns.exec(['ip', '-6', 'route', 'get', address])
    t.notMatch(
      stdout,
      /src fd87:0:0:1::[23] /,
      'packets of the host to a container come from the bridge address',
    )
    t.match(stdout, /src fd87:0:0:1::1 /)
  },
)

async function isContent(holder: Holder): Promise<boolean> {
  const { done, refused } = (await holder.tell({ do: 'reconcile' })) as {
    done: readonly string[]
    refused: readonly string[]
  }
  return done.length + refused.length === 0
}

t.test('the probe addresses', { skip }, async (t) => {
  const host = await makeHost(t)
  const holder = await holdRoutes(t, host)
  const [container, other] = [await host.container(), await host.container()]
  await host.add(container, { conf: holder.conf })
  await holder.tell({ do: 'reconcile' })

  await t.test('do not disturb ADD, CHECK or GC', async (t) => {
    const result = await host.add(other, { conf: holder.conf })
    t.equal(addressOf(result), '10.87.1.11')
    const check = await host.call('CHECK', other, { conf: { ...holder.conf, prevResult: result } })
    t.same({ exitCode: check.exitCode, stdout: check.stdout }, { exitCode: 0, stdout: '' })
    const gc = await host.ask('GC', {
      ...holder.conf,
      'cni.dev/valid-attachments': [container, other].map(({ name }) => ({
        containerID: name,
        ifname: 'eth0',
      })),
    })
    t.equal(gc.exitCode, 0)
    t.ok(await pings(other, '10.87.1.1'))
    t.ok(await isContent(holder))
  })

  await t.test('change with a newly signed certificate, and the old ones go', async (t) => {
    writeFileSync(join(host.folder, 'host.crt'), hostPem({ subnets: ['10.87.9.0/24'] }))
    await host.add(await host.container(), { conf: holder.conf })
    await holder.tell({ do: 'reconcile' })
    t.same(await addresses(host), ['10.87.1.1/24', '10.87.9.1/24', '10.87.9.2/32', '10.87.9.3/32'])
    for (const each of [container, other]) await host.del(each, { conf: holder.conf })
    t.same(await addresses(host), ['10.87.9.1/24', '10.87.9.2/32', '10.87.9.3/32'])
  })

  await t.test('go on command, and the bridge keeps its own address', async (t) => {
    await holder.tell({ do: 'end-addresses' })
    t.same(await addresses(host), ['10.87.9.1/24'])
  })
})
