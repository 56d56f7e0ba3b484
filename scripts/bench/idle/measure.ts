// One measurement: the agent with a given number of peers, from its start until all use the direct path, and
// then a period of idleness.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { childrenOf, cpuOf, memoryOf } from './usage.ts'

/** Figures of one process. */
export interface IdleFigures {
  /** Per cent of one core. */
  readonly cpuPercent: number
  /** The same for the programs that it runs: the route guard, `ip monitor`, each `ip` and `nft`. */
  readonly childrenPercent: number
  readonly residentMb: number
  readonly anonymousMb: number
}

/** The agent's figures, and the median duration of `flatnet-cni check` beside it, in seconds. */
export interface AgentFigures extends IdleFigures {
  readonly checkSeconds: number
}

// Long enough for all peers together to pass their hold-off, their probes and their turn.
const RISE_MS = 600_000
// Long enough for memory used by the start to be released, and for the window of quick probes to end.
const SETTLE_MS = 15_000
const CHECKS = 3

/**
 * Measures the agent.
 * @throws Error when the agent exits, or its peers do not reach the direct path
 */
export async function measureAgent(
  executable: string,
  peers: number,
  seconds: number,
): Promise<AgentFigures> {
  const agent = spawn(executable, ['agent'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '' },
  })
  const lines: string[] = []
  agent.stderr.on('data', (text: Buffer) => lines.push(String(text)))
  const ended = once(agent, 'exit')
  try {
    await once(agent, 'spawn')
    await risen(peers, () => {
      if (agent.exitCode !== null) throw new Error(`the agent has ended: ${lines.join('')}`)
    })
    await pause(SETTLE_MS)
    const idle = await measure(agent.pid ?? 0, seconds)
    return { ...idle, checkSeconds: await timeCheck(executable) }
  } finally {
    agent.kill('SIGTERM')
    await ended
  }
}

// The findings do not matter here, only that the check ran: 3 means "could not run" (docs/commands.md).
async function timeCheck(executable: string): Promise<number> {
  const times: number[] = []
  for (let turn = 0; turn < CHECKS; turn++) {
    const begun = performance.now()
    const check = spawn(executable, ['check', '--json'], { stdio: ['ignore', 'ignore', 'inherit'] })
    const [exitCode] = (await once(check, 'exit')) as [number | null]
    if (exitCode === null || exitCode > 2) throw new Error(`check ended with ${String(exitCode)}`)
    times.push((performance.now() - begun) / 1000)
  }
  return times.toSorted((a, b) => a - b)[Math.floor(CHECKS / 2)] ?? Number.NaN
}

/** Returns the figures of a process over the given seconds. */
export async function measure(pid: number, seconds: number): Promise<IdleFigures> {
  const look = (): { own: number; children: number } => {
    const { own, children } = cpuOf(pid)
    // Long-running children; their own children count once they have been waited for.
    const living = childrenOf(pid).map((child) => cpuOf(child))
    return { own, children: living.reduce((sum, cpu) => sum + cpu.own + cpu.children, children) }
  }
  const before = look()
  const since = performance.now()
  await pause(seconds * 1000)
  const after = look()
  const ms = performance.now() - since
  return {
    cpuPercent: ((after.own - before.own) / ms) * 100,
    childrenPercent: ((after.children - before.children) / ms) * 100,
    ...memoryOf(pid),
  }
}

async function risen(peers: number, check: () => void): Promise<void> {
  const until = performance.now() + RISE_MS
  let there = -1
  while (there < peers) {
    check()
    if (performance.now() > until)
      throw new Error(`${String(there)} of ${String(peers)} peers are on the direct path`)
    await pause(500)
    there = await peersOnP2p()
  }
}

async function peersOnP2p(): Promise<number> {
  try {
    const answer = await fetch('http://127.0.0.1:4280/metrics')
    const text = await answer.text()
    return [...text.matchAll(/^flatnet_path_state\{.*state="P2P_ACTIVE".*\} 1$/gm)].length
  } catch {
    return -1
  }
}
