// `flatnet-cni check` as a command, with one harmless item on this machine.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Answer, Handler } from '../../../../../src/cli/command.ts'
import { PROGRAM } from '../../../../../src/cli/commands.ts'
import { parseLine } from '../../../../../src/cli/parse.ts'
import type { Terminal } from '../../../../../src/cli/terminal.ts'
import { PLAIN } from '../../../../../src/cli/text/theme.ts'

function terminal(emitted: object[] = [], gone = new AbortController()): Terminal {
  return {
    isInteractive: false,
    note: () => undefined,
    theme: PLAIN,
    emit: (data) => emitted.push(data),
    progress: () => undefined,
    secret: async () => undefined,
    confirm: async () => false,
    gone: gone.signal,
  }
}

async function check(args: readonly string[], on: Terminal = terminal()): Promise<Answer> {
  const parsed = parseLine(PROGRAM, ['check', ...args])
  if (parsed.kind !== 'call') throw new Error(`not understood: ${args.join(' ')}`)
  const handler = (await parsed.spec.load?.()) as Handler
  return handler(parsed.call, on)
}

t.test('one item, as data and as text', async (t) => {
  const { data, render, exitCode } = await check(['--only', 'sys-001'])
  t.equal(exitCode, 0)
  t.match(data, { version: 1, summary: { ok: 1, fail: 0 }, items: [{ id: 'SYS-001', verdict: 'ok' }] })
  t.match(render(PLAIN), /1 ok$/m)
})

t.test('--explain checks nothing', async (t) => {
  const { data, render } = await check(['--explain', 'cert-005'])
  t.match(data, { id: 'CERT-005', group: 'CERT' })
  t.match(render(PLAIN), /^CERT-005 {2}host certificate has not expired\n/)
})

t.test('invalid arguments are refused', async (t) => {
  await t.rejects(check(['--only', 'SYS-01']), { message: 'unknown check', details: /did you mean SYS-001/ })
  await t.rejects(check(['--group', 'SYSS']), { message: /unknown group|SYSS/ })
  await t.rejects(check(['--dry-run']), { message: '--dry-run goes with --fix' })
  await t.rejects(check(['--wait', 'soon']), { message: /--wait needs a time/ })
})

t.test('--junit writes a file, or says why not', async (t) => {
  const file = join(t.testdir(), 'report.xml')
  await check(['--only', 'SYS-001', '--junit', file])
  t.match(readFileSync(file, 'utf8'), /<testcase classname="SYS-001"/)
  const nowhere = join(t.testdir(), 'no/such/folder.xml')
  await t.rejects(check(['--only', 'SYS-001', '--junit', nowhere]), {
    message: 'report not written',
    details: /folder\.xml/,
  })
})

t.test('--wait ends as soon as there is no fault', async (t) => {
  const { exitCode } = await check(['--only', 'SYS-001', '--wait', '1h'])
  t.equal(exitCode, 0)
})

t.test('--wait ends even if the clock is set back by a day every time', async (t) => {
  const { now } = Date
  const begun = now()
  let looks = 0
  Date.now = () => begun - 86_400_000 * looks++
  try {
    // A test machine has no agent, which is a warning.
    await check(['--only', 'AGENT-001', '--strict', '--wait', '2s'])
  } finally {
    Date.now = now
  }
  t.ok(looks > 0)
})

t.test('--watch prints once while nothing changes, and ends with its reader', async (t) => {
  const [emitted, gone]: [object[], AbortController] = [[], new AbortController()]
  const answer = check(['--only', 'SYS-001', '--watch'], terminal(emitted, gone))
  setTimeout(() => gone.abort(), 1500)
  t.equal((await answer).exitCode, 0)
  t.equal(emitted.length, 1)
  t.match(emitted[0], { roots: [] })
})

t.test('--fix reports that there is nothing to repair', async (t) => {
  const { data, render } = await check(['--only', 'SYS-001', '--fix', '--dry-run'])
  t.match(data, { dryRun: true, repairs: [] })
  t.match(render(PLAIN), /^nothing can be repaired automatically\n/)
})
