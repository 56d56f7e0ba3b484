// Processor time, which a busy machine lengthens far less than it lengthens the time on the clock.

import { readFileSync } from 'node:fs'

// USER_HZ, 100 on every architecture that Node runs on (proc_pid_stat(5): sysconf(_SC_CLK_TCK)).
const MS_PER_TICK = 10

/**
 * Milliseconds of processor time, user and system, of all ended processes that this one or its children waited for. In
 * steps of 10 ms: take the mean over many differences, no single one.
 */
export function childrenCpuMs(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8')
  // Field 2 is the command in brackets and may hold blanks; fields 16 and 17 are cutime and cstime.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[13]) + Number(fields[14])) * MS_PER_TICK
}
