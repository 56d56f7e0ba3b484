// The processes that /proc shows, and what it says of each (proc_pid(5)). Any may end between two reads.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'

/** Returns the numbers of all processes, as /proc spells them. */
export function processIds(): readonly string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name))
}

/**
 * Returns what the open files of a process are links to, such as "socket:[4711]". Empty if it has ended, or
 * may not be looked into.
 */
export function openFiles(pid: string): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => linkTarget(`/proc/${pid}/fd/${fd}`))
  } catch {
    return []
  }
}

/** Returns the path of the executable, also of a replaced one; "" for kernel threads and ended processes. */
export function executableOf(pid: string): string {
  // The kernel shows a replaced file as "… (deleted)".
  return linkTarget(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, '')
}

/** Returns the name of the main thread, which Node and others change; "" for a process that has ended. */
export function threadNameOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trimEnd()
  } catch {
    return ''
  }
}

/**
 * Returns the file name of the executable, or the main thread's name without one. Unprintable characters
 * become "?".
 */
export function programNameOf(pid: string): string {
  const executable = executableOf(pid)
  const name = executable === '' ? threadNameOf(pid) : basename(executable)
  return name.replaceAll(/[^\x20-\x7e]/g, '?')
}

function linkTarget(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
