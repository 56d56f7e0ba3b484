// GC and `flatnet-cni gc`: remove what is unused and keep what is used, whether or not the runtime lists it.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { waitUntil } from '../../../../scripts/lab/run.ts'
import { ownMark } from '../../../../src/state/lock/process-mark.ts'
import { addressOf, isRefused, isSilent, whyNoHost } from '../../../fixtures/host/cni.ts'
import { makeHost, type TestHost } from '../../../fixtures/host/host.ts'
import { inhabit, type Netns, pings, removeNetns, show } from '../../../fixtures/host/netns.ts'

const skip = whyNoHost()
// As if the first process of this boot had run the ADD; the time of day does not matter.
const LONG_AGO = { owner: { pid: 1, startTime: '0' } }

function recordOf(host: TestHost, container: Netns, network = 'flatnet'): string {
  return join(host.stateDir, 'attachments', network, `${container.name}:eth0`)
}

/** Changes keys of a record, as if a different ADD had written it. */
function editRecord(host: TestHost, container: Netns, change: object): void {
  const path = recordOf(host, container)
  writeFileSync(path, JSON.stringify({ ...(JSON.parse(readFileSync(path, 'utf8')) as object), ...change }))
}

async function end(host: TestHost, container: Netns, link: string): Promise<void> {
  removeNetns(container.name)
  await waitUntil('the kernel to end the namespace', 10_000, async () => {
    return (await show(host.netns, ['link', 'show', 'dev', link])).length === 0
  })
}

const listed = (...containers: readonly Netns[]) =>
  containers.map(({ name }) => ({ containerID: name, ifname: 'eth0' }))

// What GC is told, and whether an attachment without a process, older than a minute, survives it.
const told: [string, (container: Netns) => object, boolean][] = [
  ['lists it', (c) => ({ 'cni.dev/valid-attachments': listed(c) }), true],
  ['lists it under the legacy key', (c) => ({ 'cni.dev/attachments': listed(c) }), true],
  ['lists another interface',
    (c) => ({ 'cni.dev/valid-attachments': [{ containerID: c.name, ifname: 'eth9' }] }), false],
  ['lists nothing', () => ({ 'cni.dev/valid-attachments': [] }), false],
  ['says null', () => ({ 'cni.dev/valid-attachments': null }), false],
  ['says null under the legacy key', () => ({ 'cni.dev/attachments': null }), false],
  ['says nothing', () => ({}), false],
] // prettier-ignore

t.test('an attachment without a process', { skip }, async (t) => {
  const host = await makeHost(t)
  for (const [name, conf, survives] of told) {
    await t.test(`${survives ? 'stays' : 'goes'} when the runtime ${name}`, async (t) => {
      const container = await host.container()
      await host.add(container)
      editRecord(host, container, LONG_AGO)
      isSilent(t, await host.ask('GC', { ...conf(container) }), 'GC')
      t.equal(existsSync(recordOf(host, container)), survives)
      t.equal((await show(container, ['link', 'show', 'dev', 'eth0'])).length, survives ? 1 : 0)
      isSilent(t, await host.del(container), 'DEL afterwards')
      t.same(await host.remains(), [])
    })
  }

  await t.test('stays in its first minute', async (t) => {
    const container = await host.container()
    await host.add(container)
    isSilent(t, await host.ask('GC'), 'GC')
    t.ok(await pings(container, '10.87.1.1'))
    await host.del(container)
  })
})

t.test('a container with a process stays even if unlisted: two runtimes may share a conflist', { skip },
  async (t) => {
  const host = await makeHost(t)
  const [podmans, nerdctls] = [await host.container(), await host.container()]
  for (const container of [podmans, nerdctls]) {
    await host.add(container)
    editRecord(host, container, LONG_AGO)
    inhabit(t, container)
  }
  isSilent(t, await host.ask('GC', { 'cni.dev/valid-attachments': listed(podmans) }), 'GC of one')
  isSilent(t, await host.ask('GC', { 'cni.dev/valid-attachments': listed(nerdctls) }), 'GC of the other')
  isSilent(t, await host.ask('GC'), 'GC of a runtime that knows neither')
  for (const container of [podmans, nerdctls]) t.ok(await pings(container, '10.87.1.1'))
}) // prettier-ignore

t.test('what is provably dead is removed at any age', { skip }, async (t) => {
  const host = await makeHost(t)

  await t.test('its namespace has ended', async (t) => {
    const container = await host.container()
    const result = await host.add(container)
    await end(host, container, result.interfaces[1]?.name ?? '')
    isSilent(t, await host.ask('GC'), 'GC')
    t.same(await host.remains(), [])
  })

  await t.test('it is from before this boot', async (t) => {
    const container = await host.container()
    await host.add(container)
    await host.netns.batch(['link delete flatnet0'])
    const near = (await host.remains()).find((name) => name.startsWith('veth'))
    await host.netns.batch([`link delete ${String(near)}`])
    editRecord(host, container, { bootId: 'another boot' })
    isSilent(t, await host.ask('GC'), 'GC')
    t.same(await host.remains(), [])
  })

  await t.test('it stays if the runtime lists it', async (t) => {
    const container = await host.container()
    const result = await host.add(container)
    await end(host, container, result.interfaces[1]?.name ?? '')
    isSilent(t, await host.ask('GC', { 'cni.dev/valid-attachments': listed(container) }), 'GC')
    t.ok(existsSync(recordOf(host, container)))
    isSilent(t, await host.del(container), 'DEL')
  })

  await t.test('it stays if it is of another network', async (t) => {
    const container = await host.container()
    const result = await host.add(container, { conf: { name: 'other' } })
    await end(host, container, result.interfaces[1]?.name ?? '')
    isSilent(t, await host.ask('GC'), 'GC of flatnet')
    t.ok(existsSync(recordOf(host, container, 'other')))
    isSilent(t, await host.ask('GC', { name: 'other' }), 'GC of its own network')
    t.same(await host.remains(), [])
  })
})

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

t.test('a damaged record does not stop the rest, and is reported at the end', { skip }, async (t) => {
  const host = await makeHost(t)
  const [bad, dead] = [await host.container(), await host.container()]
  await host.add(bad)
  const result = await host.add(dead)
  await end(host, dead, result.interfaces[1]?.name ?? '')
  writeFileSync(recordOf(host, bad), 'not JSON')
  isRefused(t, await host.ask('GC'), 5, new RegExp(`garbage left over: .*${bad.name}:eth0: damaged`))
  t.notOk(existsSync(recordOf(host, dead)), 'the dead attachment goes')
  t.ok(await pings(bad, '10.87.1.1'), 'the damaged attachment keeps working')
  isSilent(t, await host.del(bad), 'DEL')
  isSilent(t, await host.ask('GC'), 'GC')
  t.same(await host.remains(), [])
})

t.test('GC works with settings and a certificate that ADD would refuse', { skip }, async (t) => {
  const host = await makeHost(t)
  const container = await host.container()
  const result = await host.add(container)
  await end(host, container, result.interfaces[1]?.name ?? '')
  rmSync(join(host.folder, 'host.crt'))
  isSilent(t, await host.ask('GC', { birdge: 'x', metrics: { p2p: -1 } }), 'GC')
  t.same(await host.remains(), [])
})

t.test('an unreadable list does not count as an empty one', { skip }, async (t) => {
  const host = await makeHost(t)
  const container = await host.container()
  await host.add(container)
  editRecord(host, container, LONG_AGO)
  isRefused(t, await host.ask('GC', { 'cni.dev/valid-attachments': 'x' }), 6, /valid-attachments: is "x"/)
  t.ok(await pings(container, '10.87.1.1'))
})

t.test('flatnet-cni gc', { skip }, async (t) => {
  const host = await makeHost(t)
  const [one, two] = [await host.container(), await host.container()]
  const result = await host.add(one)
  await host.add(two, { conf: { name: 'other' } })
  inhabit(t, two)
  await end(host, one, result.interfaces[1]?.name ?? '')
  const before = await host.remains()

  await t.test('says with --dry-run what it would remove and why, and removes nothing', async (t) => {
    const { exitCode, stdout } = await host.cli(['gc', '--dry-run'])
    t.equal(exitCode, 0)
    t.match(stdout,
      new RegExp(`^would remove attachment ${one.name} eth0 of network flatnet ` +
        '\\(.*\\): its link \\w+ is gone$'))
    t.same(await host.remains(), before)
  })

  await t.test('removes it from every network, and reports it with --json', async (t) => {
    const { exitCode, stdout } = await host.cli(['gc', '--json'])
    t.equal(exitCode, 0)
    t.match(JSON.parse(stdout), {
      version: 1,
      dryRun: false,
      removed: [{ what: new RegExp(one.name), why: /is gone/ }],
      failed: [],
    })
    t.ok(await pings(two, '10.87.1.1'), 'the live container stays')
    t.equal((await host.cli(['gc'])).stdout, 'nothing to remove')
  })

  await t.test('exits with 1 if something could not be removed, with 2 on a usage error', async (t) => {
    writeFileSync(join(host.stateDir, 'attachments', 'other', 'x:eth0'), '')
    const { exitCode, stdout } = await host.cli(['gc'])
    t.equal(exitCode, 1)
    t.match(stdout, /^not removed: .*other\/x:eth0: damaged/)
    t.equal((await host.cli(['gc', '--all'])).exitCode, 2)
  })

  await t.test('refuses to run outside the namespace of the containers’ host', async (t) => {
    const elsewhere = { ...host.conf(), cniVersion: '1.1.0', name: 'other' }
    const wrong = await one.exec(['true'], { check: false })
    t.not(wrong.exitCode, 0, 'its namespace has ended')
    const outcome = await host.far.exec([join(import.meta.dirname, '../../../../dist/flatnet-cni')], {
      check: false,
      input: JSON.stringify(elsewhere),
      env: { CNI_COMMAND: 'GC' },
    })
    isRefused(t, outcome, 8, /another network namespace/)
    t.ok(await pings(two, '10.87.1.1'))
  })
}) // prettier-ignore

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
