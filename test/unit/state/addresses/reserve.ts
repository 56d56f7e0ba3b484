import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { formatPrefix } from '../../../../src/addr/prefix.ts'
import { CniCode } from '../../../../src/cni/error.ts'
import type { AttachmentRecord } from '../../../../src/net/attachment.ts'
import { openStore } from '../../../../src/state/addresses/store.ts'
import { prefix } from '../../../fixtures/addresses.ts'
import { add, GONE, keyFor, ownNetns, requestFor, type Wish } from '../../../fixtures/state/attachments.ts'

function treeOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()
}

t.test('the first attachment gets the tenth address, the next one the eleventh', async (t) => {
  const dir = t.testdir()
  const store = openStore(dir)
  t.same(await add(store, 'c1'), ['10.87.1.10/24'])
  t.same(await add(store, 'c2'), ['10.87.1.11/24'])
  t.same(treeOf(dir), [
    'attachments',
    'attachments/flatnet',
    'attachments/flatnet/c1:eth0',
    'attachments/flatnet/c2:eth0',
    'leases',
    'leases/10.87.1.10',
    'leases/10.87.1.11',
    'next.10.87.1.0_24',
    'ports',
  ])
  for (const name of treeOf(dir)) {
    const stat = statSync(join(dir, name))
    t.equal(stat.mode & 0o777, stat.isDirectory() ? 0o700 : 0o600, name)
  }
  const lease: unknown = JSON.parse(readFileSync(join(dir, 'leases/10.87.1.10'), 'utf8'))
  t.match(lease, { version: 1, address: '10.87.1.10', network: 'flatnet', containerID: 'c1', ifname: 'eth0' })
})

t.test('until it is committed, a record says that its ADD is unfinished', async (t) => {
  const store = openStore(t.testdir())
  const { record } = await store.reserve(requestFor('c1'))
  t.equal(store.read(keyFor('c1'))?.phase, 'adding')
  t.equal((await store.commit(record)).phase, 'up')
  t.equal(store.read(keyFor('c1'))?.phase, 'up')
})

t.test('two networks on one host subnet never share an address', async (t) => {
  const store = openStore(t.testdir())
  t.same(await add(store, 'c1', { network: 'red' }), ['10.87.1.10/24'])
  t.same(await add(store, 'c1', { network: 'blue' }), ['10.87.1.11/24'])
  await t.rejects(add(store, 'c2', { network: 'blue', requested: ['10.87.1.10'] }), {
    code: CniCode.AddressTaken,
    details: /^10\.87\.1\.10 is held by c1 eth0 of network red since 20/,
  })
})

t.test('an attachment gets one address of each requested family', async (t) => {
  const store = openStore(t.testdir())
  const subnets = ['10.87.1.0/24', 'fd87:0:0:1::/64']
  t.same(await add(store, 'c1', { subnets }), ['10.87.1.10/24', 'fd87:0:0:1::a/64'])
  t.same(await add(store, 'c2', { subnets, requested: ['fd87:0:0:1::99'] }), [
    '10.87.1.11/24',
    'fd87:0:0:1::99/64',
  ])
  t.same(await add(store, 'c3', { subnets }), ['10.87.1.12/24', 'fd87:0:0:1::b/64'])
  await store.release(keyFor('c2'))
  t.equal(store.countLeased(prefix('10.87.1.0/24')), 2)
})

t.test('an ADD for an existing attachment is refused with the advice to run DEL first', async (t) => {
  const store = openStore(t.testdir())
  await add(store, 'c1')
  await t.rejects(add(store, 'c1'), {
    code: CniCode.InterfaceExists,
    message: 'attachment exists',
    details: /^c1 eth0 of network flatnet has 10\.87\.1\.10\/24 since 20.*; a DEL must come first/,
  })
  t.same(await add(store, 'c1', { ifname: 'eth1' }), ['10.87.1.11/24'])
})

t.test('an ADD for an attachment that a live process is adding must be tried again', async (t) => {
  const store = openStore(t.testdir())
  await store.reserve(requestFor('c1'))
  await t.rejects(add(store, 'c1'), {
    code: CniCode.TryAgainLater,
    details: /being added by process \d+ since/,
  })
})

const takenOver: [string, Partial<AttachmentRecord>, Wish][] = [
  ['was made before a reboot', { bootId: 'an-earlier-one' }, {}],
  ['lost its link with its namespace', { hostLink: GONE }, {}],
  ['is in another namespace', {}, { netns: { ...ownNetns(), inode: '1' } }],
  ['has the inode of another device', {}, { netns: { ...ownNetns(), device: '1' } }],
]
for (const [name, old, wish] of takenOver) {
  t.test(`an attachment that ${name} is taken over with its address`, async (t) => {
    const dir = t.testdir()
    const store = openStore(dir)
    await add(store, 'other')
    await add(store, 'c1', { record: old })
    const { addresses, superseded, record } = await store.reserve(requestFor('c1', wish))
    t.same(addresses.map(formatPrefix), ['10.87.1.11/24'])
    t.match(superseded, { containerID: 'c1', phase: 'up', ...old })
    await store.commit(record)
    t.same(readdirSync(join(dir, 'leases')), ['10.87.1.10', '10.87.1.11'])
    await store.release(keyFor('c1'))
    t.same(readdirSync(join(dir, 'leases')), ['10.87.1.10'])
  })
}

// The owner: process 1 is alive, but started at another time than this.
const KILLED = { pid: 1, startTime: '0' }

for (const hostLink of ['lo', GONE]) {
  t.test(
    `an ADD killed ${hostLink === GONE ? 'before' : 'after'} it made its link is repeated`,
    async (t) => {
      const store = openStore(t.testdir())
      await store.reserve(requestFor('c1', { record: { hostLink, owner: KILLED } }))
      const { addresses, superseded } = await store.reserve(requestFor('c1'))
      t.same(addresses.map(formatPrefix), ['10.87.1.10/24'])
      t.equal(superseded?.phase, 'adding')
    },
  )
}

t.test('an attachment taken over with another address releases the old one', async (t) => {
  const dir = t.testdir()
  const store = openStore(dir)
  await add(store, 'c1', { record: { hostLink: GONE } })
  t.same(await add(store, 'c1', { requested: ['10.87.1.50'], record: { hostLink: GONE } }), ['10.87.1.50/24'])
  t.same(readdirSync(join(dir, 'leases')), ['10.87.1.50'])
  t.same(
    await add(store, 'c1', { subnets: ['10.87.9.0/24'] }),
    ['10.87.9.10/24'],
    'the certificate has a new subnet',
  )
  t.same(readdirSync(join(dir, 'leases')), ['10.87.9.10'])
})

t.test('an attachment whose address was reassigned after a reboot gets another one', async (t) => {
  const store = openStore(t.testdir())
  await add(store, 'c1', { record: { bootId: 'an-earlier-one' } })
  await add(store, 'c2', { requested: ['10.87.1.10'] })
  t.same(await add(store, 'c1'), ['10.87.1.11/24'])
  t.match(store.read(keyFor('c2')), { addresses: ['10.87.1.10/24'] })
})
