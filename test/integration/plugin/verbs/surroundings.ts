// Conditions under which runtimes call a plugin, common and uncommon ones.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import t from 'tap'
import { start } from '../../../../scripts/lab/run.ts'
import { cleanUp } from '../../../fixtures/clean-up.ts'
import {
  addressOf,
  EXECUTABLE,
  isRefused,
  isSilent,
  resultOf,
  variables,
  whyNoHost,
} from '../../../fixtures/host/cni.ts'
import { makeHost } from '../../../fixtures/host/host.ts'
import { pings, show } from '../../../fixtures/host/netns.ts'

t.test('ADD and DEL work', { skip: whyNoHost() }, async (t) => {
  const host = await makeHost(t)

  await t.test('in a deleted working directory', async (t) => {
    const container = await host.container()
    const gone = mkdtempSync(join(host.folder, 'gone-'))
    const mounts = `cd ${gone}\nrmdir ${gone}`
    await host.add(container, { mounts })
    rmSync(gone, { recursive: true, force: true })
    t.ok(await pings(container, '10.87.1.1'))
    isSilent(t, await host.del(container), 'DEL')
  })

  await t.test("with only CNI's variables in the environment", async (t) => {
    const container = await host.container()
    const { CNI_COMMAND: _, ...rest } = variables('ADD', {
      containerID: container.name,
      netns: container.path,
      stdin: '',
    })
    const call = (verb: string): Promise<{ exitCode: number; stdout: string; stderr: string }> =>
      host.netns.exec(
        [
          'env',
          '-i',
          `CNI_COMMAND=${verb}`,
          ...Object.entries(rest).map((pair) => pair.join('=')),
          EXECUTABLE,
        ],
        { check: false, input: JSON.stringify(host.conf()) },
      )
    resultOf(await call('ADD'))
    t.ok(await pings(container, '10.87.1.1'))
    isSilent(t, await call('DEL'), 'DEL')
  })

  await t.test('with the namespace of a process', async (t) => {
    const container = await host.container()
    const sleeper = start(['nsenter', `--net=${container.path}`, 'sleep', '600'])
    const netns = `/proc/${String(sleeper.pid)}/ns/net`
    const result = await host.add(container, { netns })
    t.equal(result.interfaces[2]?.sandbox, netns)
    t.ok(await pings(container, '10.87.1.1'))
    isSilent(t, await host.call('CHECK', container, { netns, conf: { prevResult: result } }), 'CHECK')
    sleeper.kill()
    await sleeper
    isSilent(t, await host.del(container, { netns }), 'DEL when the process has ended')
  })

  await t.test('with names of the greatest length', async (t) => {
    const container = await host.container()
    const options = {
      containerID: 'c'.repeat(300),
      ifname: 'eth-0.123456789',
      conf: { name: 'n'.repeat(200) },
    }
    const result = await host.add(container, options)
    t.ok(await pings(container, '10.87.1.1'))
    const conf = { ...options.conf, prevResult: result }
    isSilent(t, await host.call('CHECK', container, { ...options, conf }), 'CHECK')
    isSilent(t, await host.del(container, options), 'DEL')
  })

  await t.test('in a second namespace of the same container while the first exists', async (t) => {
    const [first, second] = [await host.container(), await host.container()]
    const before = await host.add(first)
    const after = await host.add(second, { containerID: first.name })
    t.equal(addressOf(after), addressOf(before))
    t.ok(await pings(second, '10.87.1.1'))
    t.same(await show(first, ['link', 'show', 'dev', 'eth0']), [], 'only one link has the address')
    isSilent(t, await host.del(second, { containerID: first.name }), 'DEL')
  })

  t.same(await host.remains(), [], 'nothing is left')
})

t.test('names that the kernel or ip would misread are refused', { skip: whyNoHost() }, async (t) => {
  const host = await makeHost(t)
  const container = await host.container()
  const links = (): Promise<readonly unknown[]> => show(host.netns, ['link', 'show'])
  const before = await links()

  await t.test('an interface name that the kernel would number', async (t) => {
    isRefused(t, await host.call('ADD', container, { ifname: 'eth%d' }), 4, /CNI_IFNAME="eth%d"/)
  })
  await t.test('a bridge name that the kernel would number', async (t) => {
    isRefused(t, await host.call('ADD', container, { conf: { bridge: 'br%d' } }), 7, /bridge: "br%d"/)
  })
  await t.test('a bridge name that means all links', async (t) => {
    isRefused(t, await host.call('ADD', container, { conf: { bridge: 'all' } }), 7, /bridge: "all"/)
  })
  await t.test('a namespace path with a blank', async (t) => {
    const path = join(host.folder, 'a blank')
    writeFileSync(path, '')
    spawnSync('mount', ['--bind', container.path, path])
    cleanUp(t, () => spawnSync('umount', [path]))
    isRefused(t, await host.call('ADD', container, { netns: path }), 4, /CNI_NETNS=".*a blank"/)
    isSilent(t, await host.del(container, { netns: path }), 'DEL does not need it')
  })
  t.same(await links(), before, 'no bridge is left either')
  t.same(await host.remains(), [])
})
