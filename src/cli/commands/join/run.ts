// `flatnet-cni join`: plans, applies, waits for a lighthouse and checks.

import { setTimeout as sleep } from 'node:timers/promises'
import { diagnose } from '../../../diagnose/run.ts'
import { refuseRootless } from '../../../kernel/proc.ts'
import type { CheckedBundle } from '../../../provision/bundle/contents.ts'
import { isChange } from '../../../provision/host/plan-steps.ts'
import type { HandedProgram } from '../../../provision/host/surroundings.ts'
import type { Step } from '../../../provision/host/step.ts'
import { applyJoin } from '../../../setup/apply-join.ts'
import { type JoinPlan, planJoin } from '../../../setup/plan-join.ts'
import { waitForLighthouse } from '../../../setup/wait-lighthouse.ts'
import { shippedFiles } from '../../../shipped-files.ts'
import type { Report } from '../../../check/report.ts'
import type { Handler } from '../../command.ts'
import { programFacts } from '../../program.ts'
import type { Terminal } from '../../terminal.ts'
import { parseDuration } from '../../text/duration.ts'
import { modeText } from '../../text/mode.ts'
import { openSource } from './source.ts'
import { kernelData } from './kernel.ts'
import { joinText, nextSteps, touchData } from './text.ts'
import { failed, setUpWindows, windowsData, windowsWay } from './windows.ts'

const START_SECONDS = 60
const ONCE = 0
const SETTLE_SECONDS = 30
const AGAIN_MS = 1000

export const join: Handler = async (call, terminal) => {
  refuseRootless()
  const [from = ''] = call.operands
  const wait = call.value('wait')
  const seconds = wait === undefined ? START_SECONDS : parseDuration(wait, '--wait') / 1000
  const planFor = (bundle: CheckedBundle, handed: readonly HandedProgram[]): Promise<JoinPlan> =>
    planJoin(bundle, from, shippedFiles(), {
      mayReplace: call.has('replace'),
      windows: windowsWay(call),
      containersConf: call.has('containers-conf'),
      handed,
    })
  const { checked, handed, forget } = await openSource(call, terminal, planFor)
  const plan = await planFor(checked, handed)
  if (call.has('dry-run')) return { data: dataOf(plan, true), render: (theme) => joinText(plan, {}, theme) }
  const kept = await applyJoin(plan, terminal.progress)
  forget()
  const windows = await setUpWindows(plan, terminal.progress)
  const isStarted = plan.surroundings.hasSystemd
  terminal.progress('waiting for a lighthouse')
  const touch = await waitForLighthouse(checked, isStarted ? seconds : ONCE, terminal.gone)
  const report =
    touch.kind === 'down' ? undefined : await checkHost(terminal, isStarted ? SETTLE_SECONDS : ONCE)
  const isGood = touch.kind === 'answers' || touch.kind === 'alone' || (touch.kind === 'down' && !isStarted)
  return {
    data: {
      ...dataOf(plan, false),
      kept,
      touch: touchData(touch),
      check: report ?? null,
      ...(windows === undefined ? {} : { windowsReport: windows }),
      next: nextSteps(plan, touch, report, windows),
    },
    render: (theme) => joinText(plan, { kept, touch, report, windows }, theme),
    exitCode: isGood && (report === undefined || report.summary.fail === 0) && !failed(windows) ? 0 : 1,
  }
}

// A folder that was there keeps its mode.
function modeOf({ wanted, found }: Step): string | null {
  if (wanted.kind === 'link') return null
  const mode = wanted.kind === 'folder' && found.kind === 'folder' ? found.mode : wanted.mode
  return modeText(mode)
}

// What has just been started takes a moment until it answers.
async function checkHost({ progress, gone }: Terminal, seconds: number): Promise<Report> {
  const { program, commit } = programFacts()
  const end = performance.now() + seconds * 1000
  for (;;) {
    progress('checking')
    const report = await diagnose({ flatnet: `${program} ${commit}` })
    if (report.summary.fail === 0 || performance.now() >= end || gone.aborted) return report
    await sleep(AGAIN_MS, undefined, { signal: gone }).catch(() => undefined)
  }
}

// The bundle's contents stay out of it: its key must not be printed.
function dataOf(plan: JoinPlan, isDryRun: boolean): object {
  const { checked, steps, units, isResumed, windows } = plan
  const { name, office, role } = checked.bundle
  return {
    host: name,
    office,
    role,
    dryRun: isDryRun,
    resumed: isResumed,
    steps: steps.map((step) => ({
      path: step.wanted.path,
      what: step.wanted.what,
      kind: step.wanted.kind,
      mode: modeOf(step),
      owner: 'root',
      change: step.change,
      keepsCopy: isChange(step) && step.found.kind === 'file',
    })),
    units,
    kernel: kernelData(plan),
    ...(windows === undefined ? {} : { windows: windowsData(windows) }),
  }
}
