import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { formatIp } from '../../../../src/addr/ip.ts'
import { recordPath, replaceRecord } from '../../../../src/state/addresses/records.ts'
import { openStore } from '../../../../src/state/addresses/store.ts'
import {
  claim,
  isExhausted,
  lostLeases,
  orphanLeases,
  removeOrphanLease,
} from '../../../../src/state/addresses/claim-dead.ts'
import { ip, prefix } from '../../../fixtures/addresses.ts'
import { add, GONE, keyFor, requestFor } from '../../../fixtures/state/attachments.ts'

const NONE: ReadonlySet<string> = new Set()

t.test("a lease without a record is an orphan, a dead attachment's is not", async (t) => {
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
  t.same(orphanLeases(dir, new Set(['10.87.1.12'])), [], 'nor a known one')
  t.equal(await removeOrphanLease(dir, ip('10.87.1.12')), true)
  t.equal(await removeOrphanLease(dir, ip('10.87.1.12')), false, 'twice')
  t.equal(await removeOrphanLease(dir, ip('10.87.1.10')), false, 'a held one')
  t.same(readdirSync(join(dir, 'leases')).toSorted(), ['10.87.1.10', '10.87.1.11'])
})

t.test('a damaged lease is an orphan unless a live attachment claims its address', async (t) => {
  const dir = t.testdir()
  await add(openStore(dir), 'living')
  for (const address of ['10.87.1.10', '10.87.1.99']) writeFileSync(join(dir, 'leases', address), '{')
  t.same(orphanLeases(dir, NONE), [{ ip: ip('10.87.1.99'), key: undefined }])
})

t.test('an attachment is claimed once, and no ADD of its key intervenes', async (t) => {
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

t.test('an attachment added again since it was seen is not claimed', async (t) => {
  const dir = t.testdir()
  const store = openStore(dir)
  await add(store, 'c1')
  const seen = store.read(keyFor('c1'))
  if (seen === undefined) throw new Error('was added')
  replaceRecord(dir, { ...seen, since: '2030-01-01T00:00:00.000Z' })
  t.equal(await claim(dir, seen), undefined)
  rmSync(recordPath(dir, seen))
  t.equal(await claim(dir, seen), undefined, 'nor a removed one')
})

t.test('lost leases are missing, damaged or another’s', async (t) => {
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

t.test('a subnet is exhausted if live attachments hold every address of its range', async (t) => {
  const dir = t.testdir()
  const store = openStore(dir)
  const subnets = ['10.87.1.0/29']
  t.equal(isExhausted(dir, prefix('10.87.1.0/29')), false, 'before there is any state')
  for (const id of ['a', 'b']) await add(store, id, { subnets })
  t.equal(isExhausted(dir, prefix('10.87.1.0/29')), false)
  await add(store, 'c', { subnets })
  t.equal(isExhausted(dir, prefix('10.87.1.0/29')), true)
  t.equal(isExhausted(dir, prefix('10.87.1.0/28')), false, 'a larger subnet is not')
  const dead = store.read(keyFor('b'))
  if (dead !== undefined) replaceRecord(dir, { ...dead, hostLink: GONE })
  t.equal(isExhausted(dir, prefix('10.87.1.0/29')), false, 'one attachment is dead')
})

t.test('a given address below the range does not make it full', async (t) => {
  const dir = t.testdir()
  const store = openStore(dir)
  await add(store, 'low', { requested: ['10.87.1.5'] })
  t.equal(isExhausted(dir, prefix('10.87.1.0/24')), false)
})

const skip = process.getuid?.() === 0 ? false : 'mounting needs root'

t.test(
  'on a full disk a dead attachment is claimed by overwriting its record, and removed',
  { skip },
  async (t) => {
    const dir = t.testdir()
    const store = openStore(dir)
    await add(store, 'c1', { record: { hostLink: GONE } })
    const seen = store.read(keyFor('c1'))
    const path = recordPath(dir, keyFor('c1'))
    if (seen === undefined) throw new Error('was added')
    // Inodes as well as blocks, so that neither lock nor temporary file fits.
    const worker = fileURLToPath(new URL('../../../fixtures/state/claim-worker.ts', import.meta.url))
    const script =
      'set -e; mkdir /mnt/full; mount -t tmpfs -o size=256k,nr_inodes=60 none /mnt/full; ' +
      'cp -a "$DIR/." /mnt/full; mount --move /mnt/full "$DIR"; ' +
      'i=0; while touch "$DIR/fill$i"; do i=$((i+1)); done 2>/dev/null || true; ' +
      '"$NODE" "$WORKER" "$DIR" c1; cd "$DIR"; find leases attachments -type f'
    const { stdout, stderr } = spawnSync(
      'unshare',
      ['--mount', '--propagation', 'private', 'sh', '-c', `mount -t tmpfs none /mnt; ${script}`],
      {
        env: { PATH: process.env['PATH'], DIR: dir, NODE: process.execPath, WORKER: worker },
        encoding: 'utf8',
      },
    )
    t.equal(stdout, 'claimed\n', stderr)
    t.equal(existsSync(path), true, 'outside the full disk it stays')
  },
)
