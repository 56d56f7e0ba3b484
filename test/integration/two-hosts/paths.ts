// Nebula stops and starts while containers of two hosts talk: the gateway path takes over, and connections
// survive.
import t, { type Test } from 'tap'
import { IMAGE } from '../../../scripts/lab/host/podman.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { upLab } from '../../../scripts/lab/up.ts'
import { countPackets } from '../../fixtures/traffic/packet-count.ts'
import { execInNetns, podman, runWeb } from '../../fixtures/runtimes/podman.ts'
import { BY_GATEWAY, BY_NEBULA, lastClientOf, pageFrom, ttlFrom } from '../../fixtures/traffic/reach.ts'
import { startStream, STREAM_PORT } from '../../fixtures/traffic/stream.ts'

t.test('two hosts whose Nebula stops and starts', { skip: whyNoLab() }, async (t) => {
  const lab = await upLab({ name: `tpath${process.pid}` })
  t.teardown(() => lab.down())
  const [a, b] = [lab.host('a'), lab.host('b')]
  const [webA, webB] = await Promise.all([runWeb(a, 'web-a'), runWeb(b, 'web-b')])
  // A `ping` on host-a shows the path back from host-b, and vice versa, so both directions are seen.
  const bothWays = async (t: Test, ttl: number, what: string): Promise<void> => {
    t.equal(await ttlFrom(webA, webB.address), ttl, `${what}: from b`)
    t.equal(await ttlFrom(webB, webA.address), ttl, `${what}: from a`)
    t.equal(await pageFrom(webA, webB.address), 'hello from web-b', what)
    t.equal(await lastClientOf(webB), webA.address, `${what}: the server sees the container's address`)
  }
  const devTo = async (): Promise<string | undefined> => {
    const route = ['ip', 'route', 'get', webB.address, 'from', webA.address, 'iif', 'flatnet0']
    return / dev (\S+)/.exec((await a.exec(route)).stdout)?.[1]
  }
  const stream = await startStream(t, webA, webB)
  const clients = await stream.clients()
  t.equal(clients.length, 1)
  t.match(clients[0], `${webA.address}:`)

  const stays = async (t: Test, what: string): Promise<void> => {
    await stream.moves(5)
    t.same(await stream.clients(), clients, `${what}: the same connection with the same address and port`)
  }

  await t.test('a running Nebula carries everything', async (t) => {
    const passed = await countPackets(t, a.windows, `tcp dport ${STREAM_PORT}`)
    await bothWays(t, BY_NEBULA, 'before')
    await stays(t, 'before')
    t.equal(await devTo(), 'nebula1')
    t.equal(await passed(), 0)
  })

  await t.test('Nebula stops on both hosts: an open connection continues through eth0', async (t) => {
    const passed = await countPackets(t, a.windows, `tcp dport ${STREAM_PORT}`)
    await lab.cut()
    await stays(t, 'cut')
    await bothWays(t, BY_GATEWAY, 'cut')
    t.equal(await devTo(), 'eth0')
    t.ok((await passed()) > 0, 'its packets pass the Windows routers')
  })

  await t.test('a new container reaches the other host, and an absent host stays unreachable', async (t) => {
    const leaked = await countPackets(t, a.windows, 'ip daddr 10.87.99.0/24')
    const late = await runWeb(a, 'late')
    t.equal(await ttlFrom(late, webB.address), BY_GATEWAY)
    t.match(
      (await execInNetns(late, ['ping', '-c', '1', '-W', '2', '10.87.99.1'], { check: false })).stdout,
      'Destination Host Unreachable',
    )
    t.equal(await leaked(), 0)
    await podman(a, ['rm', '-f', '-t', '0', 'late'])
  })

  await t.test('Nebula runs again: the next container start on each host returns to it', async (t) => {
    await lab.mend()
    await bothWays(t, BY_GATEWAY, 'not yet')
    for (const host of lab.hosts) await podman(host, ['run', '--rm', '--network', 'flatnet', IMAGE, 'id'])
    await bothWays(t, BY_NEBULA, 'mended')
    await stays(t, 'mended')
  })

  await t.test('again, with sync instead of a container start', async (t) => {
    await lab.cut()
    await bothWays(t, BY_GATEWAY, 'cut')
    await lab.mend()
    for (const host of lab.hosts) {
      const { stdout } = await host.exec(['flatnet-cni', 'sync'])
      t.match(stdout, /nebula link nebula1$/)
    }
    await bothWays(t, BY_NEBULA, 'synced')
    await stays(t, 'synced')
  })

  await t.test('one host has its routes back before the other: traffic flows', async (t) => {
    await lab.cut()
    await lab.mend()
    await a.exec(['flatnet-cni', 'sync'])
    t.equal(await ttlFrom(webA, webB.address), BY_GATEWAY, 'there through Nebula, back through the gateway')
    t.equal(await ttlFrom(webB, webA.address), BY_NEBULA, 'there through the gateway, back through Nebula')
    await stays(t, 'asymmetric')
    await b.exec(['flatnet-cni', 'sync'])
    await bothWays(t, BY_NEBULA, 'both')
  })

  await t.test('the connection has lost nothing', async (t) => {
    const { sent, back } = await stream.end()
    t.equal(back, sent)
    t.ok(sent.split('\n').length > 25)
  })
})
