// Reads a process's resource usage from /proc.

import { readFileSync } from 'node:fs'

// USER_HZ, 100 on every architecture that Node runs on (proc_pid_stat(5): sysconf(_SC_CLK_TCK)).
const MS_PER_TICK = 10

/** CPU time in milliseconds: that of the process, and that of the children it has waited for. */
interface CpuTime {
  readonly own: number
  readonly children: number
}

/**
 * Returns the CPU time of a process.
 * @throws Error when the process does not exist
 */
export function cpuOf(pid: number): CpuTime {
  const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
  // Field 2 is the command in parentheses and may contain spaces; fields 14 to 17 are utime, stime,
  // cutime and cstime.
  const [user, system, childUser, childSystem] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 15)
    .map(Number)
  return {
    own: ((user ?? 0) + (system ?? 0)) * MS_PER_TICK,
    children: ((childUser ?? 0) + (childSystem ?? 0)) * MS_PER_TICK,
  }
}

/** Returns memory in megabytes: all resident memory, and its anonymous part (proc_pid_status(5)). */
export function memoryOf(pid: number): { readonly residentMb: number; readonly anonymousMb: number } {
  const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8')
  const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1])
  return { residentMb: field('VmRSS') / 1024, anonymousMb: field('RssAnon') / 1024 }
}

/** Returns the live children of a process's main thread; those left by exited threads are not among them. */
export function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8')
    .split(' ')
    .filter((each) => each !== '')
    .map(Number)
}
