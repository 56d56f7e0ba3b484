// GC and `flatnet-cni gc`: what nobody uses goes, what somebody uses stays, whoever knows of it.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { start, waitUntil } from '../../scripts/lab/run.ts'
import { addressOf, isRefused, isSilent, whyNoHost } from '../fixtures/cni.ts'
import { makeHost, type TestHost } from '../fixtures/host.ts'
import { type Netns, pings, removeNetns, show } from '../fixtures/netns.ts'

t.setTimeout(240_000)

const skip = whyNoHost()
const LONG_AGO = '2020-01-01T00:00:00.000Z'

/** A process in the container, as a running one has. */
function inhabit(t: Test, container: Netns): void {
  const sleeper = start(['nsenter', `--net=${container.path}`, 'sleep', '600'])
  t.teardown(() => sleeper.kill('SIGKILL'))
}

function recordOf(host: TestHost, container: Netns, network = 'flatnet'): string {
  return join(host.stateDir, 'attachments', network, `${container.name}:eth0`)
}

/** Changes keys of a record, as if its ADD had been another. */
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
  ['lists another interface', (c) => ({ 'cni.dev/valid-attachments': [{ containerID: c.name, ifname: 'eth9' }] }), false],
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
      editRecord(host, container, { since: LONG_AGO })
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

t.test('a container with a process stays though no runtime lists it: two may share a conflist', { skip }, async (t) => {
  const host = await makeHost(t)
  const [podmans, nerdctls] = [await host.container(), await host.container()]
  for (const container of [podmans, nerdctls]) {
    await host.add(container)
    editRecord(host, container, { since: LONG_AGO })
    inhabit(t, container)
  }
  isSilent(t, await host.ask('GC', { 'cni.dev/valid-attachments': listed(podmans) }), 'GC of one')
  isSilent(t, await host.ask('GC', { 'cni.dev/valid-attachments': listed(nerdctls) }), 'GC of the other')
  isSilent(t, await host.ask('GC'), 'GC of somebody who knows neither')
  for (const container of [podmans, nerdctls]) t.ok(await pings(container, '10.87.1.1'))
}) // prettier-ignore

t.test('what is provably dead goes, however young', { skip }, async (t) => {
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

  await t.test('unless the runtime lists it', async (t) => {
    const container = await host.container()
    const result = await host.add(container)
    await end(host, container, result.interfaces[1]?.name ?? '')
    isSilent(t, await host.ask('GC', { 'cni.dev/valid-attachments': listed(container) }), 'GC')
    t.ok(existsSync(recordOf(host, container)))
    isSilent(t, await host.del(container), 'DEL')
  })

  await t.test('unless it is of another network', async (t) => {
    const container = await host.container()
    const result = await host.add(container, { conf: { name: 'other' } })
    await end(host, container, result.interfaces[1]?.name ?? '')
    isSilent(t, await host.ask('GC'), 'GC of flatnet')
    t.ok(existsSync(recordOf(host, container, 'other')))
    isSilent(t, await host.ask('GC', { name: 'other' }), 'GC of its own')
    t.same(await host.remains(), [])
  })
})

t.test('a lease without a record goes, one of a living link stays', { skip }, async (t) => {
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
  t.notOk(remains.includes(addressOf(result)), 'the lost one')
  t.ok(remains.includes(address), 'the living one')
  t.ok(await pings(kept, '10.87.1.1'))
})

t.test('a link without a record goes when nobody is at its other end', { skip }, async (t) => {
  const host = await makeHost(t)
  const [empty, lived] = [await host.container(), await host.container()]
  const near = [await host.add(empty), await host.add(lived)].map(({ interfaces }) => interfaces[1]?.name)
  inhabit(t, lived)
  await host.netns.batch(['link add name veth00000000000 type veth peer name other'])
  // Somebody else's pair, which counts its links as we do ours.
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
  t.ok((await host.remains()).includes(near[0] ?? ''), 'which it leaves alone')
  isSilent(t, await host.ask('GC'), 'GC')
  const remains = await host.remains()
  t.notOk(remains.includes(near[0] ?? ''), 'the empty one')
  t.ok(remains.includes(near[1] ?? ''), 'the one with a process')
  t.ok(remains.includes('veth00000000000'), 'one that is not ours')
  t.ok(await pings(lived, '10.87.1.1'))
})

t.test('a damaged record keeps nothing else from going, and is told at the end', { skip }, async (t) => {
  const host = await makeHost(t)
  const [bad, dead] = [await host.container(), await host.container()]
  await host.add(bad)
  const result = await host.add(dead)
  await end(host, dead, result.interfaces[1]?.name ?? '')
  writeFileSync(recordOf(host, bad), 'not JSON')
  isRefused(t, await host.ask('GC'), 5, new RegExp(`garbage left over: .*${bad.name}:eth0: damaged`))
  t.notOk(existsSync(recordOf(host, dead)), 'the dead one')
  t.ok(await pings(bad, '10.87.1.1'), 'the damaged one goes on')
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

t.test('a list that cannot be read is not taken for an empty one', { skip }, async (t) => {
  const host = await makeHost(t)
  const container = await host.container()
  await host.add(container)
  editRecord(host, container, { since: LONG_AGO })
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

  await t.test('says what it would remove and why, and removes nothing with --dry-run', async (t) => {
    const { exitCode, stdout } = await host.cli(['gc', '--dry-run'])
    t.equal(exitCode, 0)
    t.match(stdout, new RegExp(`^would remove attachment ${one.name} eth0 of network flatnet \\(.*\\): its link \\w+ is gone$`))
    t.same(await host.remains(), before)
  })

  await t.test('removes it, of every network, and says so to programs with --json', async (t) => {
    const { exitCode, stdout } = await host.cli(['gc', '--json'])
    t.equal(exitCode, 0)
    t.match(JSON.parse(stdout), {
      version: 1,
      dryRun: false,
      removed: [{ what: new RegExp(one.name), why: /is gone/ }],
      failed: [],
    })
    t.ok(await pings(two, '10.87.1.1'), 'what lives stays')
    t.equal((await host.cli(['gc'])).stdout, 'nothing to remove')
  })

  await t.test('ends with 1 when something could not be removed, with 2 when not understood', async (t) => {
    writeFileSync(join(host.stateDir, 'attachments', 'other', 'x:eth0'), '')
    const { exitCode, stdout } = await host.cli(['gc'])
    t.equal(exitCode, 1)
    t.match(stdout, /^not removed: .*other\/x:eth0: damaged/)
    t.equal((await host.cli(['gc', '--all'])).exitCode, 2)
  })

  await t.test('refuses to run in another namespace than the containers’ host', async (t) => {
    const elsewhere = { ...host.conf(), cniVersion: '1.1.0', name: 'other' }
    const wrong = await one.exec(['true'], { check: false })
    t.not(wrong.exitCode, 0, 'that one has ended')
    const outcome = await host.far.exec([join(import.meta.dirname, '../../dist/flatnet-cni')], {
      check: false,
      input: JSON.stringify(elsewhere),
      env: { CNI_COMMAND: 'GC' },
    })
    isRefused(t, outcome, 8, /another network namespace/)
    t.ok(await pings(two, '10.87.1.1'))
  })
}) // prettier-ignore
