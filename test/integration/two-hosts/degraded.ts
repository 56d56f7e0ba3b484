// Nebula 1.6.1 from Debian 12: it reads no routes from the kernel, so every peer needs an entry in
// `unsafe_routes` of its configuration. That is more work to operate, but containers reach each other.
import t from 'tap'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { upLab } from '../../../scripts/lab/up.ts'
import { runWeb } from '../../fixtures/runtimes/podman.ts'
import { BY_GATEWAY, BY_NEBULA, lastClientOf, pageFrom, ttlFrom } from '../../fixtures/traffic/reach.ts'
import { startStream } from '../../fixtures/traffic/stream.ts'

t.test('Nebula 1.6.1 with static routes', { skip: whyNoLab('1.6') }, async (t) => {
  const lab = await upLab({ name: `told${process.pid}`, nebula: '1.6' })
  t.teardown(() => lab.down())
  const [webA, webB] = await Promise.all([runWeb(lab.host('a'), 'web-a'), runWeb(lab.host('b'), 'web-b')])
  const carries = async (ttl: number, what: string): Promise<void> => {
    t.equal(await ttlFrom(webA, webB.address), ttl, `${what}: ping`)
    t.equal(await ttlFrom(webB, webA.address), ttl, `${what}: ping in the other direction`)
    t.equal(await pageFrom(webA, webB.address), 'hello from web-b', `${what}: HTTP`)
    t.equal(await lastClientOf(webB), webA.address, `${what}: the server sees the container's address`)
  }
  await carries(BY_NEBULA, 'at first')
  const stream = await startStream(t, webA, webB)
  const clients = await stream.clients()
  await stream.moves(3)
  await lab.cut()
  await carries(BY_GATEWAY, 'cut')
  await stream.moves(3)
  await lab.mend()
  await carries(BY_NEBULA, 'after the repair, without sync: the routes are in Nebula’s configuration')
  await stream.moves(3)
  t.same(await stream.clients(), clients, 'one connection throughout')
  const { sent, back } = await stream.end()
  t.equal(back, sent)
})
