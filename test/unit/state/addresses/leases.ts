import { existsSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { CniCode } from '../../../../src/cni/error.ts'
import { openStore } from '../../../../src/state/addresses/store.ts'
import { add, GONE, keyFor } from '../../../fixtures/state/attachments.ts'

t.test('a damaged lease is reclaimed unless a live attachment owns it', async (t) => {
  const dir = t.testdir()
  const store = openStore(dir)
  await add(store, 'living')
  await add(store, 'dead', { record: { hostLink: GONE } })
  for (const address of ['10.87.1.10', '10.87.1.11', '10.87.1.12'])
    writeFileSync(join(dir, 'leases', address), '')
  await t.rejects(add(store, 'c1', { requested: ['10.87.1.10'] }), {
    code: CniCode.AddressTaken,
    details: /held by living eth0 of network flatnet/,
  })
  t.same(await add(store, 'c1', { requested: ['10.87.1.11'] }), ['10.87.1.11/24'])
  t.same(await add(store, 'c2', { requested: ['10.87.1.12'] }), ['10.87.1.12/24'])
  await store.release(keyFor('living'))
  t.equal(existsSync(join(dir, 'leases/10.87.1.10')), false, 'its own DEL removes it')
})

t.test('a damaged lease is left alone while a damaged record might own it', async (t) => {
  const dir = t.testdir()
  const store = openStore(dir)
  await add(store, 'c1')
  writeFileSync(join(dir, 'leases/10.87.1.10'), '')
  writeFileSync(join(dir, 'attachments/flatnet/c1:eth0'), '')
  const details = /leases\/10\.87\.1\.10 and .*c1:eth0 are damaged/
  await t.rejects(add(store, 'c2', { requested: ['10.87.1.10'] }), { code: CniCode.AddressTaken, details })
})

t.test('after the clock was set forward, an address of a damaged record is not reassigned', async (t) => {
  const dir = t.testdir()
  const store = openStore(dir)
  // Without a link of ours: another plugin creates the interfaces.
  await add(store, 'c1', { record: { hostLink: '' } })
  const path = join(dir, 'attachments/flatnet/c1:eth0')
  writeFileSync(path, readFileSync(path, 'utf8').slice(0, -20))
  writeFileSync(join(dir, 'leases/10.87.1.10'), '')
  // The time of a file that was written before the jump.
  const then = new Date(Date.now() - 3 * 365 * 86_400_000)
  utimesSync(path, then, then)
  await t.rejects(add(store, 'c2', { requested: ['10.87.1.10'] }), { code: CniCode.AddressTaken })
  await t.rejects(add(store, 'c1'), { code: CniCode.StateDamaged }, 'nor its own key')
  writeFileSync(path, '')
  utimesSync(path, then, then)
  t.same(
    await add(store, 'c2', { requested: ['10.87.1.10'] }),
    ['10.87.1.10/24'],
    'a record of an earlier boot',
  )
})

t.test('a lease without a record is reassigned if the range is full', async (t) => {
  const dir = t.testdir()
  const store = openStore(dir)
  const subnets = ['10.87.1.0/29']
  for (const id of ['c1', 'c2', 'c3']) await add(store, id, { subnets })
  rmSync(join(dir, 'attachments/flatnet/c2:eth0'))
  t.same(await add(store, 'c4', { subnets }), ['10.87.1.5/29'])
})
