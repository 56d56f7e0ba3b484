// GC: removes attachments that are unused and keeps those in use, whether or not the runtime lists them.
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { isRefused, isSilent, whyNoHost } from '../../../fixtures/host/cni.ts'
import { editRecord, end, listed, LONG_AGO, recordOf } from '../../../fixtures/host/garbage.ts'
import { makeHost } from '../../../fixtures/host/host.ts'
import { inhabit, type Netns, pings, show } from '../../../fixtures/host/netns.ts'

const skip = whyNoHost()

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
