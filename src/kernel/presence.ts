// What exists now: this boot, processes, network namespaces and links, read from /proc (proc(5),
// namespaces(7)).

import { existsSync, readFileSync, statfsSync, statSync } from 'node:fs'

import { CniCode, CniError, errnoCode } from '../cni/error.ts'
import { ioFailure } from '../cni/io-failure.ts'
import type { NetnsIdentity, ProcessIdentity } from '../net/attachment.ts'
import { kindOfMountedNamespace, kindOfNamespace } from './namespace-kind.ts'
import { readUptimeMs } from './proc.ts'
import { processIds } from './processes.ts'

/**
 * Returns the kernel's ID of this boot (random(4)). It is read once, because it cannot change while a process
 * lives.
 */
export function bootId(): string {
  knownBootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  return knownBootId
}

let knownBootId: string | undefined

/**
 * Returns the identity of the network namespace at a path, or undefined if nothing is there. A bind
 * mount of another kind of namespace passes; {@link refusalOfKind} explains the failure to enter it.
 * @throws CniError InvalidNetns for anything else: a plain file that lost its bind mount, a namespace of
 * another kind
 */
export function netnsIdentity(path: string): NetnsIdentity | undefined {
  let kind: string | undefined
  try {
    const { dev, ino } = statSync(path, { bigint: true })
    const isNamespace = statfsSync(path).type === NSFS_MAGIC
    kind = isNamespace ? kindOfNamespace(path) : undefined
    if (isNamespace && (kind ?? 'net') === 'net') return { path, device: String(dev), inode: String(ino) }
  } catch (error) {
    const code = errnoCode(error)
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ESRCH') return undefined
    throw ioFailure(path, error)
  }
  throw kind === undefined
    ? noNamespace(`${path} exists, but is not a namespace file`)
    : otherKind(path, kind)
}

// linux/magic.h
const NSFS_MAGIC = 0x6e736673

/**
 * Returns the start time of a process in clock ticks since boot (proc_pid_stat(5), field 22) as decimal text,
 * or undefined if it has ended. A zombie (state Z) counts as ended.
 */
export function processStartTime(pid: number): string | undefined {
  const fields = statOf(pid)
  return fields === undefined || fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19]
}

/**
 * Returns the processes that called this one: its parent, the parent's parent and so
 * on, the init process left out.
 */
export function callers(): ReadonlySet<number> {
  const found = new Set<number>()
  for (let pid = process.ppid; pid > 1 && !found.has(pid); pid = Number(statOf(pid)?.[1] ?? 0)) found.add(pid)
  return found
}

/**
 * Returns the process that called this one's caller; the caller itself if that one has no parent but init.
 */
export function callersCaller(): ProcessIdentity | undefined {
  const [caller, above] = [...callers()]
  const pid = above ?? caller
  const startTime = pid === undefined ? undefined : processStartTime(pid)
  return pid === undefined || startTime === undefined ? undefined : { pid, startTime }
}

/** Returns whether the arguments of a running process contain the text. */
export function isNamedByProcess(text: string): boolean {
  return processIds().some((pid) => {
    if (Number(pid) === process.pid) return false
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text)
    } catch {
      return false // It has ended.
    }
  })
}

// The fields of proc_pid_stat(5) from the third on, the state; undefined for a process that has ended.
function statOf(pid: number): readonly string[] | undefined {
  let stat: string
  try {
    stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
  } catch (error) {
    const code = errnoCode(error)
    if (code === 'ENOENT' || code === 'ESRCH') return undefined
    throw ioFailure(`/proc/${String(pid)}/stat`, error)
  }
  // Field 2 is the command in parentheses and may contain any character, so count the fields from the last
  // ")".
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

/**
 * Returns the milliseconds since boot, on the clock of {@link processStartTime}. Unlike the time of day,
 * it cannot be set, so it gives ages within one boot. It counts from this process's own start, because
 * /proc/uptime counts from the start of a container if lxcfs provides it. The result is late by as long
 * as this process took to start.
 */
export function sinceBootMs(): number {
  return startedAtMs(thisProcess()) + performance.now()
}

/** Returns when a process of this boot started, in milliseconds as in {@link sinceBootMs}. */
export function startedAtMs({ startTime }: ProcessIdentity): number {
  return Number(startTime) * TICK_MS
}

// USER_HZ, the unit of times in /proc, is 100 on every architecture that Node supports (time(7)).
const TICK_MS = 10

/** Returns this process, as the owner of an ADD. */
export function thisProcess(): ProcessIdentity {
  return { pid: process.pid, startTime: processStartTime(process.pid) ?? '' }
}

/**
 * Returns whether this process's network namespace has a link with that name. Does not look at
 * /sys/class/net: it shows the namespace that /sys was mounted in, and `nsenter --net` alone does not remount
 * it. /proc/sys/net belongs to the namespace of the reading process (kernel, net/sysctl_net.c). A lookup
 * there costs the same with any number of links, unlike one in /proc/net/dev.
 */
export function linkExists(name: string): boolean {
  return existsSync(`/proc/sys/net/ipv4/conf/${name}`)
}

/**
 * Returns whether a file seems to have been written before this boot, so that nothing it describes still
 * exists. Allows a minute for clock adjustments. A clock that was set forward by more makes a file of this
 * boot seem older, so callers need further evidence.
 */
export function isFromEarlierBoot(path: string): boolean {
  const mtimeMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Infinity
  return mtimeMs < Date.now() - readUptimeMs() - 60_000
}

/** Returns whether two identities are the same namespace, regardless of their paths. */
export function isSameNetns(a: NetnsIdentity, b: NetnsIdentity): boolean {
  return a.device === b.device && a.inode === b.inode
}

/**
 * Returns the network namespaces that contain a process, without duplicates, each by the path of one such
 * process.
 */
export function occupiedNetns(): readonly NetnsIdentity[] {
  const found = new Map<string, NetnsIdentity>()
  for (const pid of processIds()) {
    const path = `/proc/${pid}/ns/net`
    try {
      const { dev, ino } = statSync(path, { bigint: true })
      const [device, inode] = [String(dev), String(ino)]
      found.set(`${device} ${inode}`, { path, device, inode })
    } catch {
      continue // The process has ended, or is a kernel thread.
    }
  }
  return [...found.values()]
}

/**
 * Returns the error for a namespace of another kind, which cannot be entered, or undefined if its kind is
 * right or unknown.
 */
export function refusalOfKind(path: string): CniError | undefined {
  const kind = kindOfNamespace(path) ?? kindOfMountedNamespace(path)
  return kind === undefined || kind === 'net' ? undefined : otherKind(path, kind)
}

function otherKind(path: string, kind: string): CniError {
  return noNamespace(
    `${path} is a namespace of kind "${kind}"; give one of kind "net", as in /run/netns or /proc/PID/ns/net`,
  )
}

function noNamespace(details: string): CniError {
  return new CniError(CniCode.InvalidNetns, 'not a network namespace', details)
}
