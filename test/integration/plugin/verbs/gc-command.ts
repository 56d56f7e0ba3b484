// `flatnet-cni gc`: what it says, what it removes, and how it exits.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { isRefused, whyNoHost } from '../../../fixtures/host/cni.ts'
import { end } from '../../../fixtures/host/garbage.ts'
import { makeHost } from '../../../fixtures/host/host.ts'
import { inhabit, pings } from '../../../fixtures/host/netns.ts'

const skip = whyNoHost()

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
