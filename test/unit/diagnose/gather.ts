import { chmodSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { gather } from '../../../src/diagnose/gather.ts'
import { diagnose } from '../../../src/diagnose/run.ts'

/** Puts a program in front of the real one until the test ends. */
function standIn(t: Test, name: string, script: string): void {
  const folder = t.testdir({ [name]: `#!/bin/sh\n${script}\n` })
  chmodSync(join(folder, name), 0o755)
  const before = process.env['PATH'] ?? ''
  process.env['PATH'] = `${folder}:${before}`
  t.teardown(() => (process.env['PATH'] = before))
}

t.test('an unavailable fact has its reason, and the others are gathered', async (t) => {
  const settingsFile = join(t.testdir(), 'flatnet.json')
  writeFileSync(settingsFile, '{"pools": "10.87.0.0/16"}')
  const { facts } = await gather(['now', 'settings', 'identity', 'settingsFile'], { now: 5, settingsFile })
  t.same(facts.now, { value: 5 })
  t.match(facts.settings, { problem: /flatnet\.json.*pools/ })
  t.match(facts.identity, { problem: /flatnet\.json/ }, 'facts that need it have the same reason')
  t.match(facts.settingsFile, { value: { isThere: true, problem: /pools/ } })
})

t.test('a late fact is marked late with what was awaited, and the rest is used', async (t) => {
  standIn(t, 'ip', 'exec sleep 600')
  const settingsFile = '/nowhere/flatnet.json'
  const { facts, waitedFor } = await gather(['links', 'now', 'routes'], {
    now: 5,
    settingsFile,
    limitMs: 1000,
  })
  t.match(facts.links, { late: /^"ip -j address show"/ })
  t.same(facts.now, { value: 5 })
  t.equal(waitedFor.length, 1, 'one sentence for both facts')
})

const noPodman = existsSync('/usr/bin/podman') ? false : 'needs podman'
t.test('if only a part of a fact is late, the rest is used', { skip: noPodman }, async (t) => {
  standIn(t, 'podman', 'exec sleep 600')
  const settingsFile = '/nowhere/flatnet.json'
  const { facts, waitedFor } = await gather(['conflists'], { now: 5, settingsFile, limitMs: 4000 })
  t.match(facts.conflists, { value: { podman: { version: undefined } } })
  t.match(waitedFor, [/^"podman --version" took longer than 1000 ms$/])
})

t.test('a hanging program is not a verdict on the host: one late fact, with its own exit code', async (t) => {
  standIn(t, 'ip', 'exec sleep 600')
  const settingsFile = '/nowhere/flatnet.json'
  const report = await diagnose({ settingsFile, only: ['SYS-003', 'SYS-001', 'SYS-004'], limitMs: 1000 })
  t.equal(report.exitCode, 4)
  t.same(report.roots, [])
  t.match(report.late, {
    timeoutMs: 1000,
    items: ['SYS-003', 'SYS-004'],
    waitedFor: ['"ip -Version" took longer than 500 ms'],
  })
  t.match(report.summary, { ok: 1, warn: 0, fail: 0, skip: 2 })
})

t.test('an invalid settings file is a failure that names the key', async (t) => {
  const settingsFile = join(t.testdir(), 'flatnet.json')
  const about = { settingsFile, only: ['SYS-001'] }
  t.match(await diagnose(about), { exitCode: 0, items: [{ verdict: 'ok' }] }, 'no file is fine')
  writeFileSync(settingsFile, '{"bridge": 7}')
  t.match(await diagnose(about), {
    exitCode: 2,
    roots: ['SYS-001'],
    items: [{ findings: [{ seen: /bridge/, next: [`correct ${settingsFile}`] }] }],
  })
})
