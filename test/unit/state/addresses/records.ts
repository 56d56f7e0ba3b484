import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { CniCode } from '../../../../src/cni/error.ts'
import { keyOfPath, recordPath } from '../../../../src/state/addresses/records.ts'
import { explainDamaged } from '../../../../src/host/attachments/damaged-records.ts'
import { leaseOf } from '../../../../src/state/addresses/leases.ts'
import { ip } from '../../../fixtures/addresses.ts'
import { openStore } from '../../../../src/state/addresses/store.ts'
import { add, keyFor } from '../../../fixtures/state/attachments.ts'

const EARLIER_BOOT = new Date('2020-01-01T00:00:00Z')

t.test('records of all networks are listed, and damaged ones by their paths', async (t) => {
  const dir = t.testdir()
  const store = openStore(dir)
  await add(store, 'c1', { network: 'red' })
  await add(store, 'c2', { network: 'blue' })
  writeFileSync(join(dir, 'attachments/blue/c3:eth0'), 'garbage')
  writeFileSync(join(dir, 'attachments/blue/c4:eth0'), readFileSync(join(dir, 'attachments/blue/c2:eth0')))
  const { records, damaged } = store.list()
  t.same(records.map(({ containerID }) => containerID).toSorted(), ['c1', 'c2'])
  t.same(damaged.map((path) => path.slice(dir.length)).toSorted(), [
    '/attachments/blue/c3:eth0',
    '/attachments/blue/c4:eth0',
  ])
})

t.test('temporary files are not records', async (t) => {
  const dir = t.testdir()
  const store = openStore(dir)
  await add(store, 'c1')
  writeFileSync(join(dir, 'attachments/flatnet/.tmp-1-1'), '{')
  t.match(store.list(), { records: [{ containerID: 'c1' }], damaged: [] })
})

t.test('container IDs and network names may be longer than a file name', async (t) => {
  const dir = t.testdir()
  const store = openStore(dir)
  const long = 'x'.repeat(400)
  const wish = { network: 'n'.repeat(300) }
  t.same(await add(store, `${long}1`, wish), ['10.87.1.10/24'])
  t.same(await add(store, `${long}2`, wish), ['10.87.1.11/24'])
  t.equal(store.read(keyFor(`${long}1`, wish))?.containerID, `${long}1`)
  t.equal(store.list().records.length, 2)
  await store.release(keyFor(`${long}1`, wish))
  t.same(readdirSync(join(dir, 'leases')), ['10.87.1.11'])
})

t.test('a key that would leave the folder is a bug, not a file', async (t) => {
  const store = openStore(t.testdir())
  for (const id of ['', '.', '../c1', 'a/b', 'a:b', 'a\0b']) t.throws(() => store.read(keyFor(id)), TypeError)
})

t.test('a file whose name or content names no attachment is damaged, but blocks nothing', async (t) => {
  const dir = t.testdir()
  const store = openStore(dir)
  await add(store, 'c1')
  const folder = join(dir, 'attachments/flatnet')
  const text = readFileSync(join(folder, 'c1:eth0'), 'utf8')
  for (const name of ['.c1:eth0.swp', 'a:b:eth0', 'a:', ':eth0']) writeFileSync(join(folder, name), text)
  for (const [name, key] of [
    ['c2:eth0', { network: '' }],
    ['c3:eth0', { containerID: 'a/b' }],
    ['c4:eth0', { ifname: 'a:b' }],
  ] as const)
    writeFileSync(join(folder, name), JSON.stringify({ ...JSON.parse(text), ...key }))
  writeFileSync(
    join(dir, 'leases/10.87.1.20'),
    JSON.stringify({
      ...JSON.parse(readFileSync(join(dir, 'leases/10.87.1.10'), 'utf8')),
      address: '10.87.1.20',
      containerID: 'a/b',
    }),
  )
  const { records, damaged } = store.list()
  t.same(
    records.map(({ containerID }) => containerID),
    ['c1'],
  )
  t.equal(damaged.length, 7)
  t.match(
    explainDamaged(dir, damaged)
      .map(({ problem }) => problem)
      .toSorted(),
    [
      'containerID: "a/b" is not a name',
      'ifname: "a:b" is not a name',
      ...Array(4).fill('its file name does not name an attachment'),
      'network: "" is not a name',
    ],
  )
  t.equal(leaseOf(dir, ip('10.87.1.20')), undefined, 'such a lease is damaged too')
})

t.test('a damaged record is named and does not count as absent, and DEL repairs it', async (t) => {
  const dir = t.testdir()
  const store = openStore(dir)
  await add(store, 'c1')
  await add(store, 'c2')
  const path = join(dir, 'attachments/flatnet/c1:eth0')
  writeFileSync(path, '{"version":1,"pha')
  const refusal = {
    code: CniCode.StateDamaged,
    details: new RegExp(`^${path}: not JSON; a DEL of this container`),
  }
  t.throws(() => store.read(keyFor('c1')), refusal)
  await t.rejects(add(store, 'c1'), refusal)
  await t.rejects(add(store, 'c3', { requested: ['10.87.1.10'] }), { code: CniCode.AddressTaken })
  await store.release(keyFor('c1'))
  t.same(readdirSync(join(dir, 'leases')), ['10.87.1.11'])
  t.same(await add(store, 'c1'), ['10.87.1.12/24'])
})

t.test('a record damaged by a power failure is not an obstacle', async (t) => {
  const dir = t.testdir()
  const store = openStore(dir)
  await add(store, 'c1')
  const path = join(dir, 'attachments/flatnet/c1:eth0')
  writeFileSync(path, '')
  utimesSync(path, EARLIER_BOOT, EARLIER_BOOT)
  t.same(await add(store, 'c3', { requested: ['10.87.1.10'] }), ['10.87.1.10/24'])
  t.same(await add(store, 'c1'), ['10.87.1.11/24'])
})

t.test('a record’s path gives its key, unless a part of it was shortened', async (t) => {
  for (const key of [keyFor('c1'), keyFor('a.b_c-d', { network: 'x.y', ifname: 'eth0.100' })])
    t.same(keyOfPath(recordPath('/x', key)), key)
  t.equal(keyOfPath(recordPath('/x', keyFor('c'.repeat(300)))), undefined)
  t.equal(keyOfPath('/x/attachments/flatnet/no-colon'), undefined)
})
