// GC removes what has no record: leases, links, temporary files.
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ownMark } from '../../../../src/state/lock/process-mark.ts'
import { addressOf, isSilent, whyNoHost } from '../../../fixtures/host/cni.ts'
import { end, recordOf } from '../../../fixtures/host/garbage.ts'
import { makeHost } from '../../../fixtures/host/host.ts'
import { inhabit, pings, show } from '../../../fixtures/host/netns.ts'

const skip = whyNoHost()

t.test('a lease without a record is removed, unless its link is in use', { skip }, async (t) => {
  const host = await makeHost(t)
  const [lost, kept] = [await host.container(), await host.container()]
  const result = await host.add(lost)
  const address = addressOf(await host.add(kept))
  rmSync(recordOf(host, lost))
  rmSync(recordOf(host, kept))
  inhabit(t, kept)
  await end(host, lost, result.interfaces[1]?.name ?? '')
  isSilent(t, await host.ask('GC'), 'GC')
  const remains = await host.remains()
  t.notOk(remains.includes(addressOf(result)), 'the lease without a record goes')
  t.ok(remains.includes(address), 'the lease of a live link stays')
  t.ok(await pings(kept, '10.87.1.1'))
})

t.test('a link without a record is removed if no process is at its other end', { skip }, async (t) => {
  const host = await makeHost(t)
  const [empty, lived] = [await host.container(), await host.container()]
  const near = [await host.add(empty), await host.add(lived)].map(({ interfaces }) => interfaces[1]?.name)
  inhabit(t, lived)
  await host.netns.batch(['link add name veth00000000000 type veth peer name other'])
  // Another program's pair, which has the same index on both sides as ours have.
  const [stranger, beyond] = [await host.container(), await host.container()]
  inhabit(t, stranger)
  const [{ ifindex } = { ifindex: 0 }] = await show<{ ifindex: number }>(host.netns, [
    'link',
    'show',
    'dev',
    near[0] ?? '',
  ])
  await stranger.batch([
    `link add name theirs index 4000 type veth peer name far index ${String(ifindex)} netns ${beyond.name}`,
  ])
  rmSync(host.stateDir, { recursive: true })
  isSilent(t, await host.ask('GC', { name: 'other' }), 'GC of another network')
  t.ok((await host.remains()).includes(near[0] ?? ''), "the other program's pair stays")
  isSilent(t, await host.ask('GC'), 'GC')
  const remains = await host.remains()
  t.notOk(remains.includes(near[0] ?? ''), 'the link to an empty namespace goes')
  t.ok(remains.includes(near[1] ?? ''), 'the link to a process stays')
  t.ok(remains.includes('veth00000000000'), 'the foreign link stays')
  t.ok(await pings(lived, '10.87.1.1'))
})

t.test('temporary files of killed calls are removed, those of running ones stay', { skip }, async (t) => {
  const host = await makeHost(t)
  const container = await host.container()
  await host.add(container)
  const [, ...others] = ownMark().split('-')
  const folders = ['', 'leases', 'attachments/flatnet'].map((name) => join(host.stateDir, name))
  const killed = folders.map((folder) => join(folder, `.tmp-${['4194304', ...others].join('-')}-1`))
  const running = join(host.stateDir, `.tmp-${ownMark()}-1`)
  for (const path of [...killed, running]) writeFileSync(path, '')
  isSilent(t, await host.ask('GC'), 'GC')
  t.same(
    killed.map((path) => existsSync(path)),
    [false, false, false],
  )
  t.equal(existsSync(running), true)
  rmSync(running)
  isSilent(t, await host.del(container), 'DEL')
})
