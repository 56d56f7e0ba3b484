// Containers of podman 5 on one host and of podman 4 on the other, with agents on both: the runtime makes no
// difference to who reaches whom.
import t from 'tap'
import { startAgent } from '../../../scripts/lab/host/agent.ts'
import { IMAGE } from '../../../scripts/lab/host/podman.ts'
import { whyNoPodman5 } from '../../../scripts/lab/podman5/packages.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { waitUntil } from '../../../scripts/lab/run.ts'
import { upLab } from '../../../scripts/lab/up.ts'
import { podman, remainsOn, removeContainer, runWeb } from '../../fixtures/runtimes/podman.ts'
import { BY_GATEWAY, BY_NEBULA, lastClientOf, pageFrom, ttlFrom } from '../../fixtures/traffic/reach.ts'
import { startStream } from '../../fixtures/traffic/stream.ts'

t.test('podman 5 and podman 4', { skip: whyNoLab() || whyNoPodman5('trixie') }, async (t) => {
  const lab = await upLab({ name: `tpods${process.pid}`, podman5: { suite: 'trixie', hosts: ['a'] } })
  t.teardown(() => lab.down())
  const [a, b] = [lab.host('a'), lab.host('b')]
  await Promise.all(lab.hosts.map(startAgent))
  t.match((await podman(a, ['--version'])).stdout, /version 5\./)
  t.match((await podman(b, ['--version'])).stdout, /version 4\./)
  // netavark's own rules, with a bridge network: they drop every forwarded packet that the kernel takes for
  // invalid.
  await podman(a, ['network', 'create', 'br0'])
  await podman(a, ['run', '-d', '--name', 'beside', '--network', 'br0', IMAGE, 'sleep', '100000'])
  t.match((await a.exec(['nft', 'list', 'table', 'inet', 'netavark'])).stdout, /ct state invalid drop/)

  const webA = await runWeb(a, 'web-a', ['--network', 'flatnet', '-p', '8080:80'])
  const webB = await runWeb(b, 'web-b')
  t.match(webA.address, /^10\.87\.1\./)
  const goes = async (ttl: number, what: string): Promise<void> => {
    await waitUntil(`${what}: ping`, 60_000, async () => (await ttlFrom(webA, webB.address)) === ttl)
    await waitUntil(`${what}: the other way`, 60_000, async () => (await ttlFrom(webB, webA.address)) === ttl)
    t.equal(await pageFrom(webA, webB.address), 'hello from web-b', `${what}: HTTP`)
    t.equal(await lastClientOf(webB), webA.address, `${what}: the server sees the container itself`)
    t.equal(await pageFrom(webB, webA.address), 'hello from web-a', `${what}: HTTP the other way`)
    t.equal(await lastClientOf(webA), webB.address, `${what}: the server sees the container itself`)
  }
  await goes(BY_NEBULA, 'at first')
  const stream = await startStream(t, webA, webB)
  const clients = await stream.clients()
  await stream.moves(3)
  await lab.cut([], 'underlay')
  await goes(BY_GATEWAY, 'a black hole')
  await stream.moves(3)
  await lab.mend()
  await goes(BY_NEBULA, 'mended')
  await stream.moves(3)
  t.same(await stream.clients(), clients, 'one connection over all of it')
  const { sent, back } = await stream.end()
  t.equal(back, sent)

  const curl = ['curl', '-sf', '-m', '60', `http://${a.plan.v4.wsl}:8080/`]
  for (const place of [b, lab.lan])
    t.equal((await place.exec(curl)).stdout, 'hello from web-a', `${place.name}: the published port`)
  const { stdout } = await b.exec(['flatnet-cni', 'ps', '--all'])
  t.match(stdout, /web-a .*10\.87\.1\./, 'each host sees the other containers by name')
  await podman(a, ['rm', '-f', '-t', '0', 'web-a', 'beside'])
  await removeContainer(b, 'web-b')
  for (const host of lab.hosts) t.same(await remainsOn(host), [], `${host.name}: nothing is left`)
})
