// A host with faults: damaged state, a full or read-only disk, missing programs.
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { run } from '../../../../scripts/lab/run.ts'
import { cleanUp } from '../../../fixtures/clean-up.ts'
import { addressOf, isRefused, isSilent, whyNoHost } from '../../../fixtures/host/cni.ts'
import { makeHost, type TestHost } from '../../../fixtures/host/host.ts'
import type { Netns } from '../../../fixtures/host/netns.ts'

const skip = whyNoHost()

function lease(host: TestHost, address: string): string {
  return join(host.stateDir, 'leases', address)
}

function record(host: TestHost, container: Netns): string {
  return join(host.stateDir, 'attachments', 'flatnet', `${container.name}:eth0`)
}

t.test('damaged files', { skip }, async (t) => {
  for (const [name, text] of [
    ['empty', ''],
    ['cut off', '{"version": 1, "phase": "up"'],
    ['of another version', '{"version": 9}'],
  ] as const) {
    await t.test(
      `an attachment record ${name} is reported by ADD and CHECK, and DEL removes it`,
      async (t) => {
        const host = await makeHost(t)
        const container = await host.container()
        const prevResult = await host.add(container)
        writeFileSync(record(host, container), text)
        const before = await host.remains()
        const path = new RegExp(`attachments/flatnet/${container.name}:eth0`)
        isRefused(t, await host.call('ADD', container), 102, path)
        isRefused(t, await host.call('CHECK', container, { conf: { prevResult } }), 102, path)
        t.same(await host.remains(), before, 'nothing changes')
        isSilent(t, await host.del(container), 'DEL')
        t.same(await host.remains(), [])
        await host.add(container)
      },
    )
  }

  await t.test('a lease does not count as free while its holder lives', async (t) => {
    const host = await makeHost(t)
    const container = await host.container()
    const address = addressOf(await host.add(container))
    writeFileSync(lease(host, address), 'garbage')
    const before = await host.remains()
    const outcome = await host.call('ADD', await host.container(), { args: `IP=${address}` })
    isRefused(t, outcome, 104, new RegExp(`${address} is held by ${container.name} eth0`))
    t.same(await host.remains(), before, 'nothing changes')
    isSilent(t, await host.del(container), 'DEL of the holder')
    t.same(await host.remains(), [])
  })

  await t.test('a lease whose holder is unknown is reported with the reason', async (t) => {
    const host = await makeHost(t)
    const container = await host.container()
    const address = addressOf(await host.add(container))
    writeFileSync(lease(host, address), 'garbage')
    writeFileSync(record(host, container), 'garbage')
    const outcome = await host.call('ADD', await host.container(), { args: `IP=${address}` })
    isRefused(t, outcome, 104, new RegExp(`leases/${address} and \\S+${container.name}:eth0 are damaged`))
  })

  await t.test('the address of a lease that nothing on the host uses is assigned again', async (t) => {
    const host = await makeHost(t)
    mkdirSync(join(host.stateDir, 'leases'), { recursive: true })
    writeFileSync(lease(host, '10.87.1.60'), 'garbage')
    const container = await host.container()
    t.equal(addressOf(await host.add(container, { args: 'IP=10.87.1.60' })), '10.87.1.60')
    isSilent(t, await host.del(container), 'DEL')
    t.same(await host.remains(), [])
  })

  await t.test('damaged caches are rebuilt', async (t) => {
    const host = await makeHost(t)
    await host.add(await host.container())
    const { stdout } = await run(['find', join(host.folder, 'run'), host.stateDir, '-type', 'f'])
    const caches = stdout.split('\n').filter((path) => /\/run\/|\/next\./.test(path))
    t.ok(caches.length >= 3, caches.join(' '))
    for (const text of ['garbage', '', 'null', '{}', '[]']) {
      for (const path of caches) writeFileSync(path, text)
      const { exitCode, stdout: said } = await host.call('ADD', await host.container())
      t.equal(exitCode, 0, `${JSON.stringify(text)}: ${said}`)
    }
  })
})

t.test('a state directory', { skip }, async (t) => {
  const mounted = async (t: Test, options: string): Promise<TestHost> => {
    const host = await makeHost(t)
    mkdirSync(host.stateDir)
    await run(['mount', '-t', 'tmpfs', '-o', options, 'tmpfs', host.stateDir])
    cleanUp(t, () => spawnSync('umount', [host.stateDir]))
    return host
  }

  await t.test('on a full disk makes ADD fail without leftovers until there is space', async (t) => {
    const host = await mounted(t, 'size=64k')
    const filler = join(host.stateDir, 'filler')
    const container = await host.container()
    await host.add(container)
    const before = await host.remains()
    await run(['dd', 'if=/dev/zero', `of=${filler}`, 'bs=4k'], { check: false })
    const other = await host.container()
    isRefused(t, await host.call('ADD', other), 5, /ENOSPC|no space.*free some space/i)
    t.same(await host.remains(), before, 'nothing is left')
    isSilent(t, await host.del(container), 'DEL works on a full disk')
    t.same(await host.remains(), [])
    rmSync(filler)
    await host.add(other)
    isSilent(t, await host.del(other), 'DEL')
  })

  await t.test('that is read-only makes ADD fail without leftovers', async (t) => {
    const host = await mounted(t, 'size=64k')
    const container = await host.container()
    await host.add(container)
    const before = await host.remains()
    await run(['mount', '-o', 'remount,ro', host.stateDir])
    isRefused(t, await host.call('ADD', await host.container()), 5, /read-only/)
    t.same(await host.remains(), before, 'nothing is left')
    isSilent(t, await host.del(await host.container()), 'DEL of an unknown container')
    await run(['mount', '-o', 'remount,rw', host.stateDir])
    isSilent(t, await host.del(container), 'DEL')
  })

  await t.test('that is a file makes ADD fail without leftovers', async (t) => {
    const host = await makeHost(t)
    writeFileSync(host.stateDir, '')
    isRefused(t, await host.call('ADD', await host.container()), 5, /state/)
    t.same(await host.remains(), [])
  })
})

t.test('without a run directory ADD works, only slower', { skip }, async (t) => {
  const host = await makeHost(t)
  writeFileSync(join(host.folder, 'run'), '')
  for (let count = 0; count < 2; count++) await host.add(await host.container())
  t.equal((await host.remains()).length, 6)
})

t.test('missing programs are reported with their package', { skip }, async (t) => {
  const host = await makeHost(t)
  const all = join(host.folder, 'all')
  mkdirSync(all)
  // Hides all of /usr/bin except what the executor runs, besides `ip`.
  const withoutIp = [
    'mount -t tmpfs tmpfs /usr/sbin',
    `mount --bind /usr/bin ${all}`,
    'mount -t tmpfs tmpfs /usr/bin',
    `${all}/ln -s ${all}/nsenter /usr/bin/nsenter`,
  ].join('\n')
  const cases: readonly [string, string, RegExp][] = [
    ['ip', withoutIp, /"ip" is not in .*install the package iproute2/],
    ['nft', 'mount -t tmpfs tmpfs /usr/sbin', /"nft" is not in .*install the package nftables/],
  ]
  for (const [name, mounts, says] of cases) {
    await t.test(name, async (t) => {
      isRefused(t, await host.call('ADD', await host.container(), { mounts }), 5, says)
      t.same(await host.remains(), [], 'nothing is left')
    })
  }
})
