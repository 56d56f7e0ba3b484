// The agent's heartbeat. Other programs read from it who owns the direct routes.
//
//   <runDir>/agent.json         {"pid", "startTime", "beat", "ready"} on one line, rewritten every 400 ms
//   <runDir>/p2p-routes.batch   deletes every direct route, for a program that finds the agent dead
//
// The route guard compares the line as a whole (exec/background/guard.ts). ADD and `sync` read it. `beat` is
// the kernel's monotonic clock in milliseconds, which all processes share and which stops during suspend.

import { renameSync, writeFileSync } from 'node:fs'
import { makeFolder, removeFile } from '../files/atomic.ts'
import { dropCache, readCache } from '../files/cache.ts'
import { processStartTime } from '../../kernel/presence.ts'

interface Heartbeat {
  readonly pid: number
  /** The start time of the process, as {@link processStartTime} returns it. */
  readonly startTime: string
  readonly beat: number
  readonly ready: boolean
}

// Five times the usual interval. The route guard removes the routes within the same time.
const FRESH_MS = 2000

/** The milliseconds between two heartbeats. */
export const BEAT_MS = 400

/** Returns the path of the heartbeat file. */
export function heartbeatPath(runDir: string): string {
  return `${runDir}/agent.json`
}

/** Returns the path of the `ip -batch` text that deletes the direct routes. */
export function withdrawalPath(runDir: string): string {
  return `${runDir}/p2p-routes.batch`
}

/**
 * Takes the direct routes over from a dead agent, so that neither its guard nor its unit's ExecStopPost
 * withdraws what the caller is about to install. Does nothing while the agent's process exists, even if it
 * hangs.
 */
export function takeRoutesOver(runDir: string): void {
  const { pid, startTime } = readHeartbeat(runDir)
  if (pid !== undefined && processStartTime(pid) === startTime) return
  dropCache(withdrawalPath(runDir))
}

/**
 * Writes the heartbeat. Not durable, because the next one follows in a moment. The temporary file has a fixed
 * name, because only one agent runs.
 * @param ready whether the routes are as the agent wants them, so that other programs leave them to it
 * @throws the error of the failed system call; the agent then runs without a heartbeat
 */
export function beat(runDir: string, ready: boolean): void {
  ownStartTime ??= processStartTime(process.pid) ?? ''
  const heartbeat: Heartbeat = { pid: process.pid, startTime: ownStartTime, beat: monotonicMs(), ready }
  const path = heartbeatPath(runDir)
  const temporary = `${path}.new`
  const text = `${JSON.stringify(heartbeat)}\n`
  try {
    writeFileSync(temporary, text, { mode: 0o600 })
  } catch {
    // The folder may have been removed.
    makeFolder(runDir)
    writeFileSync(temporary, text, { mode: 0o600 })
  }
  renameSync(temporary, path)
}

let ownStartTime: string | undefined

/** Removes the heartbeat of an agent that stops regularly. */
export function endHeartbeat(runDir: string): void {
  removeFile(heartbeatPath(runDir))
}

/** Returns the process ID of the agent that owns the direct routes now, or undefined if there is none. */
export function livingAgent(runDir: string): number | undefined {
  const { pid, startTime, beat: beatAt, ready } = readHeartbeat(runDir)
  if (ready !== true || pid === undefined || typeof beatAt !== 'number') return undefined
  const age = monotonicMs() - beatAt
  if (age < 0 || age > FRESH_MS) return undefined
  return processStartTime(pid) === startTime ? pid : undefined
}

/**
 * Returns the milliseconds since the last heartbeat of an agent whose process exists, or undefined if there
 * is none.
 */
export function sinceHeartbeat(runDir: string): number | undefined {
  const { pid, startTime, beat: beatAt } = readHeartbeat(runDir)
  if (pid === undefined || typeof beatAt !== 'number' || processStartTime(pid) !== startTime) return undefined
  return Math.max(0, monotonicMs() - beatAt)
}

function readHeartbeat(runDir: string): Partial<Heartbeat> {
  const heartbeat = readCache(heartbeatPath(runDir)) as Partial<Heartbeat> | null | undefined
  return typeof heartbeat?.pid === 'number' ? heartbeat : {}
}

function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n)
}
