import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { PortMapping } from '../../../src/net/port-mapping.ts'
import { openStore, type Store } from '../../../src/state/store.ts'
import { GONE, keyFor, requestFor, type Wish } from '../../fixtures/attachments.ts'

const WEB: PortMapping = { protocol: 'tcp', hostPort: 8080, containerPort: 80 }

/** An ADD with these ports; returns those it got. */
async function add(store: Store, id: string, ports: PortMapping[], wish: Wish = {}): Promise<unknown> {
  const request = requestFor(id, wish)
  const makeRecord: typeof request.makeRecord = (addresses, granted) => ({
    ...request.makeRecord(addresses, granted),
    ...(granted.length === 0 ? {} : { ports: granted }),
  })
  const { record } = await store.reserve({ ...request, ports, makeRecord })
  return (await store.commit(record)).ports
}

t.test('a port has one holder until that one gives it back', async (t) => {
  const store = openStore(t.testdir())
  t.same(await add(store, 'c1', [WEB]), [WEB])
  await t.rejects(add(store, 'c2', [WEB]), {
    code: 108,
    details:
      'tcp 8080 is published for c1 eth0 of network flatnet; choose another host port, or remove that container',
  })
  t.equal(store.read(keyFor('c2')), undefined, 'nothing is left of the refused')
  t.equal(store.countLeased({ family: 4, value: 0n, length: 0 }), 1)
  await store.release(keyFor('c1'))
  t.same(await add(store, 'c2', [WEB]), [WEB])
})

t.test('a dead holder has nothing', async (t) => {
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

t.test('a second network of the same container gets what the first has not', async (t) => {
  const store = openStore(t.testdir())
  const dns: PortMapping = { protocol: 'udp', hostPort: 53, containerPort: 53 }
  await add(store, 'c1', [WEB])
  t.same(await add(store, 'c1', [WEB, dns], { ifname: 'eth1' }), [dns])
})

t.test('without its file, or with a damaged one, the records say who holds what', async (t) => {
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
