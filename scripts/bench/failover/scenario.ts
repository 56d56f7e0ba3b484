// Runs one fault from start to end: start the flows, inject the fault, hold it, lift it, and combine the
// figures with the agents' logs.
import { agentLog } from '../../lab/host/agent.ts'
import type { Lab } from '../../lab/lab.ts'
import type { LabHost } from '../../lab/host/lab-host.ts'
import type { PlainContainer } from './container.ts'
import { type FlowReport, longestOutageMs } from './flow-report.ts'
import { startFlows } from './flows.ts'

/** A fault as data. Times in milliseconds. */
export interface Scenario {
  readonly name: string
  /** The acceptable reasons of the first fallback; empty when no fallback is expected. */
  readonly reasons: readonly string[]
  readonly holdMs: number
  /**
   * Injects the fault.
   * @returns the function that lifts it, which is called after `holdMs`
   */
  readonly begin: (lab: Lab) => Promise<() => Promise<void>>
}

/** One run of a scenario. */
export interface ScenarioRun {
  readonly flows: FlowReport
  readonly outageMs: number
  /** Changes of phase at host-a and host-b during the run. */
  readonly changes: number
  /** The final reason of the first fallback from P2P; undefined when there was none. */
  readonly reason: string | undefined
  /**
   * From the end of the fault to P2P_ACTIVE on both hosts; undefined when they never left it or
   * did not return.
   */
  readonly returnMs: number | undefined
}

interface LoggedTransition {
  readonly host: string
  readonly at: string
  readonly from: string
  readonly to: string
  readonly reason: string
  readonly peer: string
}

/** Runs one scenario between a container of host-a and one of host-b. */
export async function runScenario(
  lab: Lab,
  scenario: Scenario,
  { from, to }: { readonly from: PlainContainer; readonly to: PlainContainer },
  returnWithinMs: number,
): Promise<ScenarioRun> {
  const flows = startFlows(from, to.address)
  await pause(1500)
  const begun = Date.now()
  const mend = await scenario.begin(lab)
  await pause(scenario.holdMs)
  await mend()
  const mended = Date.now()
  const back = await waitForP2p(lab, returnWithinMs)
  const backAt = Date.now()
  await pause(1000)
  const report = await flows.end()
  const transitions = (await Promise.all(lab.hosts.slice(0, 2).map(transitionsOf)))
    .flat()
    .filter(({ at }) => Date.parse(at) >= begun)
    .toSorted((a, b) => a.at.localeCompare(b.at))
  const fall = transitions.findIndex(({ from: phase, to: next }) => phase === 'P2P_ACTIVE' && next !== phase)
  return {
    flows: report,
    outageMs: longestOutageMs(report),
    changes: transitions.filter(({ from: f, to: t }) => f !== t).length,
    reason: fall === -1 ? undefined : reasonOf(transitions.slice(fall)),
    returnMs: fall === -1 || !back ? undefined : backAt - mended,
  }
}

/** Waits until both agents use the direct path. */
export async function waitForP2p(lab: Lab, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const phases = await Promise.all(lab.hosts.slice(0, 2).map(hasP2p))
    if (phases.every(Boolean)) return true
    if (performance.now() > deadline) return false
    await pause(100)
  }
}

// Both sides fall back, one of them because of the other's notice. The notified side may find its own reason
// a moment later.
function reasonOf(transitions: readonly LoggedTransition[]): string | undefined {
  const rise = transitions.findIndex(({ to }) => to === 'P2P_ATTEMPTING')
  const falls = (rise === -1 ? transitions : transitions.slice(0, rise)).filter(
    ({ reason }) => reason !== 'peer-said',
  )
  const explained = falls.findLast(({ from, to }) => from === to)
  return (explained ?? falls[0] ?? transitions[0])?.reason
}

async function hasP2p(host: LabHost): Promise<boolean> {
  const { stdout } = await host.exec(['ip', 'route', 'show', 'proto', '77', 'metric', '100'], {
    check: false,
  })
  return stdout.split('\n').some((line) => /^10\.87\.\d+\.0\/24 /.test(line))
}

async function transitionsOf(host: LabHost): Promise<readonly LoggedTransition[]> {
  const lines = (await agentLog(host, 1000)).split('\n')
  return lines.flatMap((line) => {
    if (!line.includes('"path changed"') && !line.includes('"path explained"')) return []
    return [{ ...(JSON.parse(line) as LoggedTransition), host: host.name }]
  })
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
