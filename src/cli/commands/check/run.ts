// `flatnet-cni check`: runs the check once or repeatedly, and performs repairs.

import { setTimeout as sleep } from 'node:timers/promises'
import { ITEMS } from '../../../check/items.ts'
import { junitXml } from '../../../check/junit.ts'
import type { Report } from '../../../check/report.ts'
import { findItem } from '../../../check/select.ts'
import { applyFixes } from '../../../diagnose/fix/apply.ts'
import { diagnose, type DiagnoseOptions } from '../../../diagnose/run.ts'
import { writeReport } from '../../../state/files/written-report.ts'
import { fixesData, fixesText } from './fixes-text.ts'
import { checkText, summaryText } from './text.ts'
import { type Answer, type Call, type Handler, misuse } from '../../command.ts'
import { parseDuration } from '../../text/duration.ts'
import { explanation } from './explain.ts'
import { programFacts } from '../../program.ts'
import type { Terminal } from '../../terminal.ts'

// Short enough for a user who waits, long enough not to load the machine.
const AGAIN_MS = 1000
// A healthy host on a quiet machine is checked within this time.
const LEAST_TIMEOUT_MS = 1000

export const check: Handler = async (call, terminal) => {
  const asked = call.value('explain')
  if (asked !== undefined) return explanation(findItem(ITEMS, asked))
  if (call.has('dry-run') && !call.has('fix')) throw misuse('--dry-run goes with --fix')
  const look = (): Promise<Report> => diagnose(optionsOf(call))
  if (call.has('fix')) return repair(call, look)
  if (call.has('watch')) return watch(call, terminal, look)
  const wait = call.value('wait')
  const report =
    wait === undefined ? await look() : await lookUntilFine(parseDuration(wait, '--wait'), terminal, look)
  return finish(call, report, (theme) => checkText(report, call.has('verbose'), theme))
}

function optionsOf(call: Call): DiagnoseOptions {
  const { program, commit } = programFacts()
  const timeout = call.value('timeout')
  return {
    groups: call.values('group'),
    only: call.values('only'),
    skip: call.values('skip'),
    pre: call.has('pre'),
    strict: call.has('strict'),
    askPeers: call.values('peer'),
    flatnet: `${program} ${commit}`,
    ...(timeout === undefined ? {} : { limitMs: timeoutOf(timeout) }),
  }
}

function timeoutOf(text: string): number {
  const limitMs = parseDuration(text, '--timeout')
  if (limitMs >= LEAST_TIMEOUT_MS) return limitMs
  throw misuse(`--timeout ${text} is too short`, 'it must be at least one second: --timeout 1s')
}

async function lookUntilFine(
  waitMs: number,
  { progress, gone }: Terminal,
  look: () => Promise<Report>,
): Promise<Report> {
  // Not the time of day, which may be set meanwhile.
  const end = performance.now() + waitMs
  for (;;) {
    const report = await look()
    const left = end - performance.now()
    if (report.exitCode === 0 || left <= 0 || gone.aborted) return report
    const why = report.late === undefined ? report.roots : [...report.roots, 'late answers']
    progress(`${why.join(', ')}: checking again, ${String(Math.ceil(left / 1000))} s left`)
    await pause(Math.min(AGAIN_MS, left), gone)
  }
}

async function watch(call: Call, terminal: Terminal, look: () => Promise<Report>): Promise<Answer> {
  // From here on we handle Ctrl-C: pressed after the first report, it still prints the last one.
  const { gone } = terminal
  let shown = ''
  for (;;) {
    const report = await look()
    const essence = essenceOf(report)
    if (essence !== shown) terminal.emit(report, (theme) => checkText(report, call.has('verbose'), theme))
    shown = essence
    await pause(AGAIN_MS, gone)
    if (gone.aborted) return finish(call, report, (theme) => `${summaryText(report, true, theme)}\n`)
  }
}

// Figures change with every run, but the findings and their subjects do not.
function essenceOf({ items }: Report): string {
  return JSON.stringify(
    items.map(({ id, findings }) => [
      id,
      findings.map(({ verdict, subject, follows }) => [verdict, subject, follows]),
    ]),
  )
}

// The report after the repairs is the one that counts.
async function repair(call: Call, look: () => Promise<Report>): Promise<Answer> {
  const before = await look()
  const isTrial = call.has('dry-run')
  const fixes = await applyFixes(before, isTrial)
  const report = isTrial || fixes.length === 0 ? before : await look()
  const answer = finish(
    call,
    report,
    (theme) => `${fixesText(fixes, isTrial, theme)}\n${checkText(report, call.has('verbose'), theme)}`,
  )
  return { ...answer, data: { ...answer.data, ...fixesData(fixes, isTrial) } }
}

function finish(call: Call, report: Report, render: Answer['render']): Answer {
  const file = call.value('junit')
  if (file !== undefined) writeReport(file, junitXml(report))
  return { data: report, render, exitCode: report.exitCode }
}

async function pause(lengthMs: number, gone: AbortSignal): Promise<void> {
  await sleep(lengthMs, undefined, { signal: gone }).catch(() => undefined)
}
