// Measures how idle the machine's processors were, and the processor time of a command.
import { readFileSync } from 'node:fs'

/** All ticks of all processors since boot, and the idle ones among them. */
interface Ticks {
  readonly all: number
  readonly idle: number
}

/** Parses the first line of /proc/stat: user nice system idle iowait irq softirq steal. proc_stat(5). */
export function parseTicks(stat: string): Ticks {
  const numbers = (stat.split('\n')[0] ?? '').split(/\s+/).slice(1, 9).map(Number)
  return {
    all: numbers.reduce((sum, each) => sum + each, 0),
    idle: (numbers[3] ?? 0) + (numbers[4] ?? 0),
  }
}

/** Returns the idle share between two readings; 0 if no time has passed. */
export function idleShareOf(before: Ticks, after: Ticks): number {
  const all = after.all - before.all
  return all > 0 ? (after.idle - before.idle) / all : 0
}

export function readTicks(): Ticks {
  return parseTicks(readFileSync('/proc/stat', 'utf8'))
}

/**
 * Parses the output of the shell builtin `times`: the shell's time, then that of everything it waited for,
 * user and system (POSIX.1-2024, times).
 * @returns the seconds of the second line; 0 if the shell was killed before it printed them
 */
export function parseTimes(text: string): number {
  const line = text.trim().split('\n')[1] ?? ''
  return [...line.matchAll(/(\d+)m([\d.]+)s/g)].reduce((sum, [, m, s]) => sum + Number(m) * 60 + Number(s), 0)
}
