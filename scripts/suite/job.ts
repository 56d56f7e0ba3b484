// Runs one job of the suite until it ends, and leaves nothing of it behind.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { countTap, type Count } from './count.ts'
import { type Cost, costsWithin } from './costs.ts'
import type { Job } from './files.ts'
import { parseTimes } from './processors.ts'

const ROOT = join(import.meta.dirname, '../..')
const STREAMS = join(ROOT, '.cache/tap')
// Every test process compiles the same few hundred modules (nodejs.org/api/module.html, "Module compile
// cache").
const COMPILED = join(ROOT, '.cache/compile')
// The shell that waits for the job reports its cost: `times` counts every process that was waited for.
const MEASURED = '"$@" 3>&-; code=$?; times >&3; exit $code'
// Ends with its parent, however that ends: prctl(2), PR_SET_PDEATHSIG. unshare --kill-child passes it on to
// everything inside.
const WITH_PARENT = ['setpriv', '--pdeathsig', 'KILL']
// tap's message about a test that takes too long must come first.
const GRACE_S = 30

interface JobOptions {
  /** Whether it gets a separate network, process tree, /run and mounts. Needs root. */
  readonly isContained: boolean
  readonly limitS: number
}

export interface JobResult {
  readonly job: Job
  readonly count: Count
  readonly cost: Cost
  /** The cost of each file, if there are several. */
  readonly costs: readonly Cost[]
}

const running = new Set<ChildProcess>()

/** Runs a job's files in one process; their output is kept under .cache/tap. */
export async function runJob(job: Job, { isContained, limitS }: JobOptions): Promise<JobResult> {
  mkdirSync(STREAMS, { recursive: true })
  const stream = join(STREAMS, `${job.name.replace(/\.ts$/, '').replaceAll('/', '+')}.tap`)
  const program = job.files.length === 1 ? [] : [join(import.meta.dirname, 'in-process.ts')]
  const command = [process.execPath, ...program, ...job.files]
  const bound = isContained ? WITH_PARENT : []
  const argv = isContained ? [...bound, join(ROOT, 'scripts/lab/contain.sh'), ...command] : command
  const [file = '', ...args] = [...bound, 'sh', '-c', MEASURED, 'sh', ...argv]
  const [out, errors] = [openSync(stream, 'w'), openSync(`${stream}.err`, 'w')]
  const began = performance.now()
  const child = spawn(file, args, {
    cwd: ROOT,
    // A separate process group, so that it can be ended as a whole.
    detached: true,
    stdio: ['ignore', out, errors, 'pipe'],
    env: {
      ...process.env,
      NODE_COMPILE_CACHE: COMPILED,
      TAP_TIMEOUT: String(limitS),
      FLATNET_SUITE: '1',
    },
  })
  running.add(child)
  const times = child.stdio[3]
  const measured = times ? text(times as NodeJS.ReadableStream) : Promise.resolve('')
  const limit = setTimeout(() => endJob(child, 'SIGKILL'), (limitS + GRACE_S) * 1000)
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  clearTimeout(limit)
  running.delete(child)
  // Kills what it started and left behind, outside of containment.
  endJob(child, 'SIGKILL')
  for (const file of [out, errors]) closeSync(file)
  const said = readFileSync(stream, 'utf8')
  const count = countTap(said)
  if (code !== 0 && count.failed === 0) {
    count.failed += 1
    count.notes.push(
      `not ok - ${job.name} ended with ${String(signal ?? code)} after ${String(count.passed)} points`,
    )
  }
  if (count.failed > 0) count.notes.push(...lastLines(`${stream}.err`))
  const wallS = (performance.now() - began) / 1000
  return {
    job,
    count,
    cost: { name: job.name, wallS, cpuS: parseTimes(await measured) },
    costs: costsWithin(said),
  }
}

/**
 * Ends all running jobs. They get a signal first, so that a test can remove what is outside its namespaces.
 */
export async function endAllJobs(): Promise<void> {
  const children = [...running]
  for (const child of children) endJob(child, 'SIGTERM')
  const ended = Promise.all(
    children.filter(({ exitCode }) => exitCode === null).map((child) => once(child, 'exit')),
  )
  await Promise.race([ended, sleep(3000)])
  for (const child of children) endJob(child, 'SIGKILL')
}

function endJob({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

function lastLines(path: string): readonly string[] {
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean)
  return lines.slice(-20).map((line) => `  stderr: ${line}`)
}
