// Containers on several hosts with Nebula running: what reaches what, with which address, and what stays
// closed.
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { LabHost } from '../../../scripts/lab/host/lab-host.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { waitUntil } from '../../../scripts/lab/run.ts'
import { upLab } from '../../../scripts/lab/up.ts'
import { countPackets } from '../../fixtures/traffic/packet-count.ts'
import { type Container, execInNetns, runWeb } from '../../fixtures/runtimes/podman.ts'
import { BY_NEBULA, clientIn, lastClientOf, pageFrom, ttlFrom } from '../../fixtures/traffic/reach.ts'
import { startStream } from '../../fixtures/traffic/stream.ts'

async function routesTo(host: LabHost, subnet: string): Promise<readonly string[]> {
  const { stdout } = await host.exec(['ip', 'route', 'show', 'root', subnet])
  return stdout
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
}

t.test('containers on three hosts', { skip: whyNoLab() }, async (t) => {
  const lab = await upLab({ name: `tthree${process.pid}`, hosts: 3 })
  t.teardown(() => lab.down())
  const [a, b, c] = [lab.host('a'), lab.host('b'), lab.host('c')]
  const [webA, webB, webC] = await Promise.all([runWeb(a, 'web-a'), runWeb(b, 'web-b'), runWeb(c, 'web-c')])

  await t.test('reach each other through Nebula with their own addresses', async (t) => {
    const pairs: [Container, Container][] = [
      [webA, webB],
      [webA, webC],
      [webB, webA],
      [webC, webB],
    ]
    for (const [from, to] of pairs) {
      const way = `${from.name} to ${to.name}`
      t.equal(await ttlFrom(from, to.address), BY_NEBULA, `${way}: ping`)
      t.equal(await pageFrom(from, to.address), `hello from ${to.name}`, `${way}: HTTP`)
      t.equal(await lastClientOf(to), from.address, `${way}: the server sees the container's address`)
    }
  })

  await t.test('have routes through Nebula first and the gateway second', async (t) => {
    t.same(await routesTo(a, '10.87.2.0/24'), [
      '10.87.2.0/24 via 10.86.2.1 dev nebula1 proto 77 src 10.87.1.1 metric 100',
      '10.87.2.0/24 via 172.20.1.1 dev eth0 proto 77 src 10.87.1.1 metric 500',
    ])
    const { stdout } = await a.exec([
      'ip',
      'route',
      'get',
      webB.address,
      'from',
      webA.address,
      'iif',
      'flatnet0',
    ])
    t.match(stdout, 'via 10.86.2.1 dev nebula1')
  })

  await t.test('send nothing unencrypted between the hosts', async (t) => {
    const seen = await countPackets(t, a.windows, 'ip daddr 10.87.0.0/16')
    const encrypted = await countPackets(t, a.windows, 'udp dport 4242')
    t.equal(await pageFrom(webA, webB.address), 'hello from web-b')
    t.equal(await seen(), 0)
    t.ok((await encrypted()) > 0, 'Nebula’s packets are seen')
  })

  await t.test('are reachable from the hosts and from their Windows routers', async (t) => {
    t.equal(await pageFrom(a, webB.address), 'hello from web-b')
    t.equal(await lastClientOf(webB), '10.87.1.1', 'the host uses the address of its bridge')
    t.equal(await pageFrom(a, webA.address), 'hello from web-a', 'its own containers')
    t.equal(await pageFrom(a.windows, webA.address), 'hello from web-a', 'its own Windows router')
    t.equal(await pageFrom(b.windows, webA.address), 'hello from web-a', "another host's Windows router")
  })

  await t.test('pass packets of 1300 bytes unfragmented and learn that larger ones do not fit', async (t) => {
    // 28 bytes of headers: RFC 791 and RFC 792.
    const ping = (bytes: number): string[] => [
      'ping',
      '-M',
      'do',
      '-c',
      '1',
      '-W',
      '2',
      '-s',
      String(bytes - 28),
      webB.address,
    ]
    t.equal((await execInNetns(webA, ping(1300), { check: false })).exitCode, 0)
    t.match((await execInNetns(webA, ping(1301), { check: false })).stderr, 'mtu=1300')
    const stream = await startStream(t, webA, webB)
    await stream.moves(2)
    for (const end of [webA, webB]) {
      const { stdout } = await execInNetns(end, ['ss', '-tniH', 'state', 'established'])
      const sizes = [...stdout.matchAll(/[^c]mss:(\d+)/g)].map(([, size]) => Number(size))
      t.ok(sizes.length > 0 && sizes.every((size) => size <= 1260), `${end.name}: ${sizes.join(' ')}`)
    }
    const { sent, back } = await stream.end()
    t.equal(back, sent)
  })

  await t.test('get large files intact', async (t) => {
    const sum = 'busybox md5sum | busybox cut -d" " -f1'
    await webB.exec(['busybox', 'dd', 'if=/dev/urandom', 'of=/www/large', 'bs=1M', 'count=2'])
    const { stdout: there } = await webB.exec(['sh', '-c', `cat /www/large | ${sum}`])
    const get = `wget -q -O - http://${webB.address}/large | ${sum}`
    t.match(there, /^[\da-f]{32}$/)
    t.equal((await webA.exec(['timeout', '30', 'sh', '-c', get])).stdout, there)
  })

  await t.test(
    'learn immediately that a host does not exist, and nothing leaks to the default gateway',
    async (t) => {
      const leaked = await countPackets(t, a.windows, 'ip daddr 10.87.99.0/24')
      const nc = await webA.exec(['timeout', '10', 'nc', '10.87.99.1', '80'], { check: false })
      t.match(nc.stderr, 'No route to host')
      const { stdout } = await execInNetns(webA, ['ping', '-c', '1', '-W', '2', '10.87.99.1'], {
        check: false,
      })
      t.match(stdout, /From 10\.87\.1\.1 icmp_seq=1 Destination Host Unreachable/)
      t.not((await a.exec(['ping', '-c', '1', '-W', '2', '10.87.99.1'], { check: false })).exitCode, 0)
      t.equal(await leaked(), 0)
    },
  )

  await t.test('reach the outside with the address of their host', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'flatnet-outside-'))
    t.teardown(() => rm(folder, { recursive: true }))
    await writeFile(join(folder, 'index.html'), 'outside')
    const server = lab.lan.start(['busybox', 'httpd', '-f', '-v', '-p', '8000', '-h', folder])
    t.teardown(() => server.kill())
    await waitUntil(
      'the outside answers',
      10_000,
      async () => (await pageFrom(webC, '198.18.0.254:8000')) !== '',
    )
    t.equal(await pageFrom(webA, '198.18.0.254:8000'), 'outside')
    server.kill()
    const { stdout, stderr } = await server
    t.equal(clientIn({ stdout, stderr }), a.plan.v4.wsl)
  })

  await t.test('of a new host are reachable once its certificate is there and sync has run', async (t) => {
    const certificate = join(a.files, 'own/etc/flatnet/peers.d/host-c.crt')
    await rm(certificate)
    await a.exec(['flatnet-cni', 'sync'])
    t.same(await routesTo(a, '10.87.3.0/24'), [], 'not known yet')
    t.equal(await pageFrom(webA, webC.address), '')
    await copyFile(join(lab.folder, 'pki/host-c.crt'), certificate)
    await a.exec(['flatnet-cni', 'sync'])
    t.equal((await routesTo(a, '10.87.3.0/24')).length, 2)
    t.equal(await ttlFrom(webA, webC.address), BY_NEBULA)
    t.equal(await pageFrom(webA, webC.address), 'hello from web-c')
  })
})
