import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { formatPrefix } from '../../../../src/addr/prefix.ts'
import { CniCode } from '../../../../src/cni/error.ts'
import { openStore } from '../../../../src/state/addresses/store.ts'
import { add, GONE, keyFor, requestFor, type Wish } from '../../../fixtures/state/attachments.ts'

function treeOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()
}

t.test('a released address rests until the whole range was used', async (t) => {
  const store = openStore(t.testdir())
  const wish = { subnets: ['10.87.1.0/29'] }
  t.same(await add(store, 'c1', wish), ['10.87.1.4/29'])
  await store.release(keyFor('c1'))
  t.same(await add(store, 'c2', wish), ['10.87.1.5/29'])
  t.same(await add(store, 'c3', wish), ['10.87.1.6/29'])
  t.same(await add(store, 'c4', wish), ['10.87.1.4/29'])
})

const requested: [string, Wish, string[] | { code: number; details: RegExp }][] = [
  ['a free address', { requested: ['10.87.1.77'] }, ['10.87.1.77/24']],
  ['one before the dynamic range', { requested: ['10.87.1.4'] }, ['10.87.1.4/24']],
  [
    'one of another subnet',
    { requested: ['10.87.2.10'] },
    { code: CniCode.InvalidConfig, details: /^10\.87\.2\.10 is outside 10\.87\.1\.0\/24; request/ },
  ],
  [
    'one of another family',
    { requested: ['fd87::10'] },
    { code: CniCode.InvalidConfig, details: /^fd87::10 is outside 10\.87\.1\.0\/24; request/ },
  ],
  [
    'the bridge',
    { requested: ['10.87.1.1'] },
    { code: CniCode.InvalidConfig, details: /^10\.87\.1\.1 is the bridge of 10\.87\.1\.0\/24/ },
  ],
  [
    'a probe',
    { requested: ['10.87.1.3'] },
    { code: CniCode.InvalidConfig, details: /reserved for the agent's probes/ },
  ],
  [
    'one that a live attachment holds',
    { requested: ['10.87.1.10'] },
    {
      code: CniCode.AddressTaken,
      details: /held by living eth0 of network flatnet since 20.*; request another/,
    },
  ],
  ['one that a dead attachment holds', { requested: ['10.87.1.11'] }, ['10.87.1.11/24']],
]
for (const [name, wish, expected] of requested) {
  t.test(
    `for ${name} the store ${Array.isArray(expected) ? 'assigns it' : 'gives the reason'}`,
    async (t) => {
      const dir = t.testdir()
      const store = openStore(dir)
      await add(store, 'living')
      await add(store, 'dead', { record: { hostLink: GONE } })
      const before = treeOf(dir)
      if (Array.isArray(expected)) {
        t.same(await add(store, 'c1', wish), expected)
      } else {
        await t.rejects(add(store, 'c1', wish), expected)
        t.same(treeOf(dir), before, 'nothing is left of the attempt')
      }
    },
  )
}

t.test('the error for a full range names its size and oldest holder', async (t) => {
  const dir = t.testdir()
  const store = openStore(dir)
  const subnets = ['10.87.1.0/29']
  for (const id of ['c1', 'c2', 'c3']) {
    await add(store, id, { subnets, record: { since: `202${id === 'c2' ? '0' : '6'}-01-01T00:00:00.000Z` } })
  }
  const before = treeOf(dir)
  await t.rejects(add(store, 'c4', { subnets }), {
    code: CniCode.RangeExhausted,
    message: 'range exhausted',
    details:
      /^10\.87\.1\.0\/29: 3 of 3 leased, oldest: c2 eth0 of network flatnet since 2020-.*; remove containers/,
  })
  t.same(treeOf(dir), before, 'nothing is left of the attempt')
})

t.test('in a full range only the addresses of dead attachments are reassigned', async (t) => {
  const store = openStore(t.testdir())
  const subnets = ['10.87.1.0/29']
  await add(store, 'c1', { subnets })
  await add(store, 'c2', { subnets, record: { hostLink: GONE } })
  await store.reserve(requestFor('c3', { subnets }))
  const { addresses, reclaimed, record } = await store.reserve(requestFor('c4', { subnets }))
  t.same(addresses.map(formatPrefix), ['10.87.1.5/29'])
  t.match(reclaimed, [{ containerID: 'c2' }])
  await store.commit(record)
  await t.rejects(add(store, 'c5', { subnets }), { code: CniCode.RangeExhausted })

  await store.release(keyFor('c2'))
  t.match(store.read(keyFor('c4')), { addresses: ['10.87.1.5/29'] })
  await t.rejects(
    add(store, 'c5', { subnets }),
    { code: CniCode.RangeExhausted },
    'the late DEL freed nothing',
  )
})

t.test('an address released in a full range is found by the next ADD', async (t) => {
  const store = openStore(t.testdir())
  const subnets = ['10.87.1.0/29']
  for (const id of ['c1', 'c2', 'dead'])
    await add(store, id, { subnets, record: { hostLink: id === 'dead' ? GONE : 'lo' } })
  t.same(await add(store, 'c4', { subnets }), ['10.87.1.6/29'], 'the dead attachment’s')
  await store.release(keyFor('c2'))
  t.same(await add(store, 'c5', { subnets }), ['10.87.1.5/29'])
  await t.rejects(add(store, 'c6', { subnets }), { code: CniCode.RangeExhausted })
})

t.test('an attachment that returns after DEL gets its addresses again if free', async (t) => {
  const dir = t.testdir()
  const store = openStore(dir)
  const wish = { subnets: ['10.87.1.0/29', 'fd87:0:0:1::/64'] }
  const first = await add(store, 'stopped', wish)
  await store.release(keyFor('stopped'))
  await add(store, 'other', wish)
  t.same(await add(store, 'stopped', wish), first)
  t.same(await add(store, 'stopped', { ...wish, ifname: 'eth1' }), ['10.87.1.6/29', 'fd87:0:0:1::c/64'])

  await store.release(keyFor('stopped'))
  t.same((await add(store, 'greedy', wish))[0], first[0], 'the only one left')
  await store.release(keyFor('other'))
  t.same(await add(store, 'stopped', wish), ['10.87.1.5/29', first[1]], 'each family separately')
})

t.test('a given address returns too, and a given address takes precedence', async (t) => {
  const store = openStore(t.testdir())
  t.same(await add(store, 'c1', { requested: ['10.87.1.4'] }), ['10.87.1.4/24'])
  await store.release(keyFor('c1'))
  t.same(await add(store, 'c1'), ['10.87.1.4/24'])
  await store.release(keyFor('c1'))
  t.same(await add(store, 'c1', { requested: ['10.87.1.77'] }), ['10.87.1.77/24'])
})

t.test('the last 256 released addresses are remembered, and the cache stays small', async (t) => {
  const dir = t.testdir()
  const store = openStore(dir)
  const subnets = ['10.87.0.0/22']
  const first: string[][] = []
  for (let i = 0; i < 258; i++) {
    first.push(await add(store, `c${String(i)}`, { subnets }))
    await store.release(keyFor(`c${String(i)}`))
  }
  t.ok(statSync(join(dir, 'next.10.87.0.0_22')).size < 16_384)
  t.same(await add(store, 'c257', { subnets }), first[257])
  t.same(await add(store, 'c2', { subnets }), first[2])
  t.notSame(await add(store, 'c0', { subnets }), first[0], 'too long ago')
})
