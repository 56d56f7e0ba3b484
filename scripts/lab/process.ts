// Processes that the lab started. They are identified by start time as well as by ID, and ended by ID only.
import { readFile } from 'node:fs/promises'
import { run, waitUntil } from './run.ts'

export interface ProcessMark {
  readonly pid: number
  /** Clock ticks after boot; a reused process ID has another start time. proc_pid_stat(5), field 22. */
  readonly startTime: string
}

/** Returns the mark of a running process. @throws Error when there is no such process */
export async function markProcess(pid: number): Promise<ProcessMark> {
  const mark = await readMark(pid)
  if (mark === undefined) throw new Error(`process ${pid} has already exited`)
  return mark
}

export async function isAlive(mark: ProcessMark): Promise<boolean> {
  return (await readMark(mark.pid))?.startTime === mark.startTime
}

/** Kills a process and waits until it has exited. Does nothing if it has exited already. */
export async function endProcess(mark: ProcessMark): Promise<void> {
  if (!(await isAlive(mark))) return
  kill(mark.pid, 'SIGKILL')
  await waitUntil(`the end of process ${mark.pid}`, 10_000, async () => !(await isAlive(mark)))
}

/** Kills every process in a network namespace of the lab. Does nothing if the namespace does not exist. */
export async function endProcessesIn(netns: string): Promise<void> {
  const { stdout } = await run(['ip', 'netns', 'pids', netns], { check: false })
  const pids = stdout.split('\n').filter(Boolean).map(Number)
  const marks = (await Promise.all(pids.map(readMark))).filter((mark) => mark !== undefined)
  await Promise.all(marks.map(endProcess))
}

export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

async function readMark(pid: number): Promise<ProcessMark | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  // The second field, the command in parentheses, may contain spaces: count from its end, where field 3
  // begins.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [state] = fields
  const startTime = fields[19]
  // A zombie has exited; its parent just has not waited for it yet.
  return state === 'Z' || state === 'X' || startTime === undefined ? undefined : { pid, startTime }
}
