// Makes a running Nebula read its files again.

import { realpathSync } from 'node:fs'
import { errnoCode } from '../../cni/error.ts'
import { findNebula } from './processes.ts'

/**
 * Sends SIGHUP to each Nebula of this network namespace that was started with this configuration. Returns
 * their process IDs; none if no Nebula runs, which reads its files at its start.
 */
export function reloadNebula(config: string): readonly number[] {
  return processesWith(config).filter(signal)
}

/** Tells whether a Nebula of this network namespace runs with this configuration. */
export function runsNebula(config: string): boolean {
  return processesWith(config).length > 0
}

function processesWith(config: string): readonly number[] {
  const wanted = realPath(config)
  return findNebula(undefined)
    .filter((each) => each.isHere && each.config !== undefined && realPath(each.config) === wanted)
    .map(({ pid }) => pid)
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

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
