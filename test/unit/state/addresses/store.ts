import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { CniCode } from '../../../../src/cni/error.ts'
import { openStore } from '../../../../src/state/addresses/store.ts'
import { add, keyFor, requestFor } from '../../../fixtures/state/attachments.ts'

t.test('opening a store and querying absent things creates nothing', async (t) => {
  const dir = join(t.testdir(), 'none')
  const store = openStore(dir)
  t.equal(store.read(keyFor('c1')), undefined)
  await store.release(keyFor('c1'))
  t.same(store.list(), { records: [], damaged: [] })
  t.equal(existsSync(dir), false)
})

t.test('releasing twice has no further effect, and leaves other attachments alone', async (t) => {
  const dir = t.testdir()
  const store = openStore(dir)
  await add(store, 'c1')
  await add(store, 'c2')
  await store.release(keyFor('c1'))
  await store.release(keyFor('c1'))
  t.same(readdirSync(join(dir, 'leases')), ['10.87.1.11'])
  t.same(readdirSync(join(dir, 'attachments/flatnet')), ['c2:eth0'])
  t.equal(existsSync(join(dir, 'lock')), false)
})

t.test('a lease with another name in it through damage is released with its record', async (t) => {
  const dir = t.testdir()
  const store = openStore(dir)
  await add(store, 'c1')
  const lease = join(dir, 'leases/10.87.1.10')
  writeFileSync(lease, readFileSync(lease, 'utf8').replace('"c1"', '"q1"'))
  await store.release(keyFor('c1'))
  t.same(readdirSync(join(dir, 'leases')), [])
})

t.test('an ADD whose record was deleted in the meantime cannot be committed', async (t) => {
  const dir = t.testdir()
  const store = openStore(dir)
  const { record } = await store.reserve(requestFor('c1'))
  await store.release(keyFor('c1'))
  await t.rejects(store.commit(record), { code: CniCode.TryAgainLater, details: /c1:eth0/ })
  t.same(readdirSync(join(dir, 'attachments/flatnet')), [])
})

t.test('a failed ADD undoes its own reservation, but not that of a later ADD', async (t) => {
  const store = openStore(t.testdir())
  const { record } = await store.reserve(requestFor('c1', { record: { since: '2026-01-01T00:00:00.000Z' } }))
  await store.release(keyFor('c1'))
  const later = await store.reserve(requestFor('c1', { record: { since: '2026-01-01T00:00:01.000Z' } }))
  await store.abandon(record)
  t.same(store.read(keyFor('c1')), later.record)
  await store.abandon(later.record)
  t.equal(store.read(keyFor('c1')), undefined)
})
