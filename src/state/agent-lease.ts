// The sign of life of the agent, by which others see whether the P2P routes are somebody's.
//
//   <runDir>/agent.json         {"pid", "startTime", "beat", "ready"} on one line, written anew several times a second
//   <runDir>/p2p-routes.batch   deletes every P2P route that there may be: for whoever finds the agent dead
//
// The route guard compares the line as a whole (exec/guard.ts), ADD and `sync` read it. `beat` is the kernel's monotonic
// clock in milliseconds, which is the same for all processes and stands still while the machine sleeps.

import { renameSync, writeFileSync } from 'node:fs'
import { makeFolder, removeFile } from './atomic.ts'
import { dropCache, readCache } from './cache.ts'
import { processStartTime } from './liveness.ts'

interface AgentLease {
  readonly pid: number
  /** As {@link processStartTime} has it. */
  readonly startTime: string
  readonly beat: number
  readonly ready: boolean
}

// Five beats of the usual interval; the route guard takes the routes away within the same time.
const FRESH_MS = 2000

/** Milliseconds between two beats. */
export const BEAT_MS = 400

/** Where the agent gives its sign of life. */
export function leasePath(runDir: string): string {
  return `${runDir}/agent.json`
}

/** Where {@link takeRoutesOver} and the route guard find what is to be deleted: text for `ip -batch`. */
export function withdrawalPath(runDir: string): string {
  return `${runDir}/p2p-routes.batch`
}

/**
 * Takes the P2P routes over from an agent that is dead, so that neither its guard nor its unit's ExecStopPost withdraws what
 * the caller is about to install. Nothing happens while its process is there, even if it hangs.
 */
export function takeRoutesOver(runDir: string): void {
  const { pid, startTime } = readLease(runDir)
  if (pid !== undefined && processStartTime(pid) === startTime) return
  dropCache(withdrawalPath(runDir))
}

/**
 * Gives a sign of life. Not durable and with one name for the file before it is moved: there is one agent, and it may lose
 * what it wrote.
 * @param ready whether the routes are as the agent wants them, so that others leave them to it
 * @throws the error of the failed system call; the agent then goes without
 */
export function beat(runDir: string, ready: boolean): void {
  ownStartTime ??= processStartTime(process.pid) ?? ''
  const lease: AgentLease = { pid: process.pid, startTime: ownStartTime, beat: monotonicMs(), ready }
  const path = leasePath(runDir)
  const temporary = `${path}.new`
  const text = `${JSON.stringify(lease)}\n`
  try {
    writeFileSync(temporary, text, { mode: 0o600 })
  } catch {
    // The folder may have been cleared away.
    makeFolder(runDir)
    writeFileSync(temporary, text, { mode: 0o600 })
  }
  renameSync(temporary, path)
}

let ownStartTime: string | undefined

/** Takes the sign of life away: the agent ends in good order. */
export function endLease(runDir: string): void {
  removeFile(leasePath(runDir))
}

/** The process ID of the agent that owns the P2P routes now, or undefined when nobody does. */
export function livingAgent(runDir: string): number | undefined {
  const { pid, startTime, beat: beatAt, ready } = readLease(runDir)
  if (ready !== true || pid === undefined || typeof beatAt !== 'number') return undefined
  const age = monotonicMs() - beatAt
  if (age < 0 || age > FRESH_MS) return undefined
  return processStartTime(pid) === startTime ? pid : undefined
}

function readLease(runDir: string): Partial<AgentLease> {
  const lease = readCache(leasePath(runDir)) as Partial<AgentLease> | null | undefined
  return typeof lease?.pid === 'number' ? lease : {}
}

function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n)
}
