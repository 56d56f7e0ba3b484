import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { formatIp } from '../../../src/addr/ip.ts'
import { recordPath, replaceRecord } from '../../../src/state/records.ts'
import { openStore } from '../../../src/state/store.ts'
import { claim, isExhausted, lostLeases, orphanLeases, removeOrphanLease } from '../../../src/state/sweep.ts'
import { ip, prefix } from '../../fixtures/addresses.ts'
import { add, GONE, keyFor, requestFor } from '../../fixtures/attachments.ts'

const NONE: ReadonlySet<string> = new Set()

t.test('a lease whose record is gone is an orphan, one of a dead attachment is not', async (t) => {
  const dir = t.testdir()
  const store = openStore(dir)
  await add(store, 'kept')
  await add(store, 'dead', { record: { hostLink: GONE } })
  await add(store, 'lost')
  rmSync(recordPath(dir, keyFor('lost')))
  const orphans = orphanLeases(dir, NONE)
  t.same(
    orphans.map(({ ip: address, key }) => [formatIp(address), key?.containerID]),
    [['10.87.1.12', 'lost']],
  )
  t.same(orphanLeases(dir, new Set(['10.87.1.12'])), [], 'nor one that is known')
  t.equal(await removeOrphanLease(dir, ip('10.87.1.12')), true)
  t.equal(await removeOrphanLease(dir, ip('10.87.1.12')), false, 'twice')
  t.equal(await removeOrphanLease(dir, ip('10.87.1.10')), false, 'one that is held')
  t.same(readdirSync(join(dir, 'leases')).toSorted(), ['10.87.1.10', '10.87.1.11'])
})

t.test('a damaged lease is an orphan unless a living attachment claims its address', async (t) => {
  const dir = t.testdir()
  await add(openStore(dir), 'living')
  for (const address of ['10.87.1.10', '10.87.1.99']) writeFileSync(join(dir, 'leases', address), '{')
  t.same(orphanLeases(dir, NONE), [{ ip: ip('10.87.1.99'), key: undefined }])
})

t.test('an attachment is claimed once, and no ADD of its key comes in between', async (t) => {
  const dir = t.testdir()
  const store = openStore(dir)
  await add(store, 'c1', { record: { hostLink: GONE } })
  const seen = store.read(keyFor('c1'))
  if (seen === undefined) throw new Error('was added')
  const claimed = await claim(dir, seen)
  t.match(claimed, { phase: 'adding', since: seen.since })
  t.equal(await claim(dir, seen), undefined, 'not by a second one')
  await t.rejects(store.reserve(requestFor('c1')), { message: 'attachment is being added' })
  if (claimed !== undefined) await store.abandon(claimed)
  t.equal(store.read(keyFor('c1')), undefined)
  t.same(readdirSync(join(dir, 'leases')), [])
})

t.test('what has been added again since it was seen is not claimed', async (t) => {
  const dir = t.testdir()
  const store = openStore(dir)
  await add(store, 'c1')
  const seen = store.read(keyFor('c1'))
  if (seen === undefined) throw new Error('was added')
  replaceRecord(dir, { ...seen, since: '2030-01-01T00:00:00.000Z' })
  t.equal(await claim(dir, seen), undefined)
  rmSync(recordPath(dir, seen))
  t.equal(await claim(dir, seen), undefined, 'nor what is gone')
})

t.test('lost leases are those that are gone, damaged or another’s', async (t) => {
  const dir = t.testdir()
  const store = openStore(dir)
  await add(store, 'c1', { subnets: ['10.87.1.0/24', 'fd87:0:0:1::/64'] })
  const record = store.read(keyFor('c1'))
  if (record === undefined) throw new Error('was added')
  t.same(lostLeases(dir, record), [])
  writeFileSync(join(dir, 'leases', '10.87.1.10'), '')
  t.same(lostLeases(dir, record), ['10.87.1.10/24'])
  rmSync(join(dir, 'leases', 'fd87:0:0:1::a'))
  t.same(lostLeases(dir, record), ['10.87.1.10/24', 'fd87:0:0:1::a/64'])
  t.same(lostLeases(dir, { ...record, containerID: 'c2', addresses: ['10.87.1.10/24'] }), ['10.87.1.10/24'])
})

t.test('a subnet is exhausted when every address of its range is held by the living', async (t) => {
  const dir = t.testdir()
  const store = openStore(dir)
  const subnets = ['10.87.1.0/29']
  t.equal(isExhausted(dir, prefix('10.87.1.0/29')), false, 'before there is any state')
  for (const id of ['a', 'b']) await add(store, id, { subnets })
  t.equal(isExhausted(dir, prefix('10.87.1.0/29')), false)
  await add(store, 'c', { subnets })
  t.equal(isExhausted(dir, prefix('10.87.1.0/29')), true)
  t.equal(isExhausted(dir, prefix('10.87.1.0/28')), false, 'a larger one is not')
  const dead = store.read(keyFor('b'))
  if (dead !== undefined) replaceRecord(dir, { ...dead, hostLink: GONE })
  t.equal(isExhausted(dir, prefix('10.87.1.0/29')), false, 'one is dead')
})

t.test('an address asked for by name below the range does not make it full', async (t) => {
  const dir = t.testdir()
  const store = openStore(dir)
  await add(store, 'low', { requested: ['10.87.1.5'] })
  t.equal(isExhausted(dir, prefix('10.87.1.0/24')), false)
})
