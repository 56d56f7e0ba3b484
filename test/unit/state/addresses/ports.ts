import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { type PortMapping, zoneAfter } from '../../../../src/net/ports/mapping.ts'
import { openStore, type Store } from '../../../../src/state/addresses/store.ts'
import { GONE, keyFor, requestFor, type Wish } from '../../../fixtures/state/attachments.ts'

const WEB: PortMapping = { protocol: 'tcp', hostPort: 8080, containerPort: 80 }

/** Runs an ADD with these ports; returns those it got. */
async function add(store: Store, id: string, ports: PortMapping[], wish: Wish = {}): Promise<unknown> {
  const request = requestFor(id, wish)
  const makeRecord: typeof request.makeRecord = (addresses, granted) => ({
    ...request.makeRecord(addresses, granted),
    ...(granted.ports.length + granted.standby.length === 0 ? {} : granted),
  })
  const { record } = await store.reserve({ ...request, ports, makeRecord })
  return (await store.commit(record)).ports
}

t.test('a port has one holder until it is released', async (t) => {
  const store = openStore(t.testdir())
  t.same(await add(store, 'c1', [WEB]), [WEB])
  await t.rejects(add(store, 'c2', [WEB]), {
    code: 108,
    details:
      'tcp 8080 is published for c1 eth0 of network flatnet; choose another host port, or remove that ' +
      'container',
  })
  t.equal(store.read(keyFor('c2')), undefined, 'nothing is left of the refused ADD')
  t.equal(store.countLeased({ family: 4, value: 0n, length: 0 }), 1)
  await store.release(keyFor('c1'))
  t.same(await add(store, 'c2', [WEB]), [WEB])
})

t.test('a dead holder has no ports', async (t) => {
  const store = openStore(t.testdir())
  await add(store, 'c1', [WEB, { ...WEB, hostPort: 8081 }], { record: { hostLink: GONE } })
  t.same(await add(store, 'c2', [WEB]), [WEB])
  await store.release(keyFor('c1'))
  await t.rejects(
    add(store, 'c3', [WEB]),
    { code: 108, details: /for c2 eth0/ },
    'a late release changes nothing',
  )
})

t.test('a second network of the same container gets the ports that the first does not have', async (t) => {
  const store = openStore(t.testdir())
  const dns: PortMapping = { protocol: 'udp', hostPort: 53, containerPort: 53 }
  await add(store, 'c1', [WEB])
  t.same(await add(store, 'c1', [WEB, dns], { ifname: 'eth1' }), [dns])
})

t.test("the second network takes over the first one's ports when that one ends", async (t) => {
  const store = openStore(t.testdir())
  const dns: PortMapping = { protocol: 'udp', hostPort: 53, containerPort: 53 }
  await add(store, 'c1', [WEB])
  await add(store, 'c1', [WEB, dns], { ifname: 'eth1' })
  await add(store, 'c1', [WEB, dns], { ifname: 'eth2' })
  const [first, second] = [store.read(keyFor('c1')), keyFor('c1', { ifname: 'eth1' })]
  t.match(store.read(second), { ports: [dns], standby: [WEB] })
  t.ok(first)
  if (first === undefined) return

  const heirs = await store.handOver(first)
  t.match(heirs, [{ ifname: 'eth1', ports: [dns, WEB], standby: [] }], 'one of two that wait')
  t.equal(heirs.length, 1)
  t.same(store.read(second), heirs[0])
  t.equal(heirs[0]?.zone, store.read(second)?.zone, 'in its own zone')
  t.match(await store.handOver(first), [{ ifname: 'eth1' }], 'the same when asked again')
  await store.release(first)

  await t.rejects(add(store, 'c2', [WEB]), { code: 108, details: /for c1 eth1/ })
  const last = await store.handOver(heirs[0] ?? first)
  t.match(last, [{ ifname: 'eth2', ports: [WEB, dns] }], 'then the third')
  t.type(last[0]?.zone, 'number', 'with a zone, which it did not have before')
  await store.release(second)
  await store.release(keyFor('c1', { ifname: 'eth2' }))
  t.same(await add(store, 'c2', [WEB]), [WEB], 'free after the last release')
})

t.test('a port on standby is not free for others, even if its holder is dead', async (t) => {
  const store = openStore(t.testdir())
  await add(store, 'c1', [WEB], { record: { hostLink: GONE } })
  t.same(await add(store, 'c1', [WEB], { ifname: 'eth1' }), [WEB], 'nothing to wait for')
  const more = openStore(t.testdir())
  await add(more, 'c1', [WEB])
  await add(more, 'c1', [WEB], { ifname: 'eth1' })
  await more.release(keyFor('c1'))
  await t.rejects(add(more, 'c2', [WEB]), { code: 108, details: /for c1 eth1/ })
  t.same(await add(more, 'c1', [WEB], { ifname: 'eth2' }), [WEB], 'free for the same container')
})

t.test('no port moves to a dead attachment, one still being added, or another container', async (t) => {
  const store = openStore(t.testdir())
  await add(store, 'c1', [WEB])
  await add(store, 'c1', [WEB], { ifname: 'eth1', record: { hostLink: GONE } })
  await add(store, 'c2', [{ ...WEB, hostPort: 8081 }])
  const request = requestFor('c1', { ifname: 'eth2' })
  await store.reserve({
    ...request,
    ports: [WEB],
    makeRecord: (addresses, granted) => ({ ...request.makeRecord(addresses, granted), ...granted }),
  })
  const first = store.read(keyFor('c1'))
  t.same(first === undefined ? undefined : await store.handOver(first), [])
})

t.test('every ADD with ports gets a new zone, whichever container had the port before', async (t) => {
  const stateDir = t.testdir()
  const store = openStore(stateDir)
  const zones: (number | undefined)[] = []
  for (const id of ['c1', 'c1', 'c2']) {
    await add(store, id, [WEB])
    zones.push(store.read(keyFor(id))?.zone)
    await store.release(keyFor(id))
  }
  const [first = 0] = zones
  t.same(zones, [first, zoneAfter(first), zoneAfter(zoneAfter(first))])
  t.equal(zoneAfter(65535), 1, '0 is the zone of all other traffic')
  await add(store, 'c3', [])
  t.equal(store.read(keyFor('c3'))?.zone, undefined, 'without ports none is needed')
})

t.test('with a missing or damaged file the records show what each attachment holds', async (t) => {
  for (const damage of [
    (path: string) => rmSync(path),
    (path: string) => writeFileSync(path, '{'),
    (path: string) => writeFileSync(path, '{"version":2}'),
  ]) {
    const stateDir = t.testdir()
    const store = openStore(stateDir)
    await add(store, 'c1', [WEB])
    damage(join(stateDir, 'ports'))
    await t.rejects(add(store, 'c2', [WEB]), { code: 108, details: /for c1 eth0/ })
    await store.release(keyFor('c1'))
    t.same(await add(store, 'c2', [WEB]), [WEB])
    await store.release(keyFor('c2'))
  }
})

t.test('a record whose ports cannot be read is damaged', async (t) => {
  const stateDir = t.testdir()
  const store = openStore(stateDir)
  await t.rejects(add(store, 'c1', [{ ...WEB, protocol: 'icmp' } as never]), {
    code: 102,
    details: /ports: not a list of port mappings/,
  })
})
