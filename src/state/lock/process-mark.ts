// Marks in file names that say which process made a file, so that others can prove that it has ended.

import { readlinkSync } from 'node:fs'

import { bootId, processStartTime } from '../../kernel/presence.ts'

/** 'unknown': it cannot be determined from here, for example for a process in another PID namespace. */
export type Fate = 'runs' | 'ended' | 'unknown'

// <pid>-<start time in clock ticks>-<PID namespace>-<boot ID without dashes>
const MARK = /^(\d{1,10})-(\d{1,20})-(\d{1,20})-([0-9a-f]{32})$/

/**
 * Returns the mark of this process. It stays the same while the process runs, and no other process has it.
 */
export function ownMark(): string {
  known ??= [process.pid, processStartTime(process.pid) ?? '0', pidNamespace(), bootWord()].join('-')
  return known
}

let known: string | undefined

/** Returns the fate of the process that made a mark. */
export function fateOf(mark: string): Fate {
  const [, pid, startTime, namespace, boot] = MARK.exec(mark) ?? []
  if (pid === undefined) return 'unknown'
  if (boot !== bootWord()) return 'ended'
  if (namespace === NO_NAMESPACE || namespace !== pidNamespace()) return 'unknown'
  return processStartTime(Number(pid)) === startTime ? 'runs' : 'ended'
}

/** Returns the process ID in a mark, or undefined if the text is not a mark. */
export function pidOf(mark: string): number | undefined {
  const pid = MARK.exec(mark)?.[1]
  return pid === undefined ? undefined : Number(pid)
}

const NO_NAMESPACE = '0'

// A /proc mounted in another PID namespace numbers processes differently (pid_namespaces(7)) and proves
// nothing.
function pidNamespace(): string {
  namespaceSeen ??=
    readlinkSync('/proc/self') === String(process.pid)
      ? (/\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? NO_NAMESPACE)
      : NO_NAMESPACE
  return namespaceSeen
}

let namespaceSeen: string | undefined

function bootWord(): string {
  return bootId().replaceAll('-', '')
}
