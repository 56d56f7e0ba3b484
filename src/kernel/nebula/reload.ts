// Makes a running Nebula read its files again.

import { errnoCode } from '../../cni/error.ts'
import { processesOf } from './processes.ts'

/**
 * Sends SIGHUP to each Nebula of this network namespace that was started with this configuration. Returns
 * their process IDs; none if no Nebula runs, which reads its files at its start.
 */
export function reloadNebula(config: string): readonly number[] {
  return processesOf(config).flatMap(({ pid }) => (signal(pid) ? [pid] : []))
}

/** Tells whether a Nebula of this network namespace runs with this configuration. */
export function runsNebula(config: string): boolean {
  return processesOf(config).length > 0
}

// False for a process that has ended in the meantime.
function signal(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGHUP')
  } catch (error) {
    if (errnoCode(error) === 'ESRCH') return false
    throw error
  }
}
