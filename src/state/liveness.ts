// Whether an attachment that a record speaks of can still exist. Only what is proven gone counts as dead: an address
// given twice costs more than one given late.

import { existsSync, readdirSync, readFileSync, statfsSync, statSync } from 'node:fs'
import { uptime } from 'node:os'

import { CniCode, CniError, errnoCode } from '../cni/error.ts'
import type { AttachmentRecord, NetnsIdentity, ProcessIdentity } from '../net/attachment.ts'
import { ioFailure } from './atomic.ts'

/** 'adding': the process that does the ADD still runs. 'alive': not proven dead. */
export type Verdict = 'alive' | 'adding' | 'dead'

/** The kernel's name for this boot (random(4)). Read once: it cannot change under a process. */
export function bootId(): string {
  knownBootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  return knownBootId
}

let knownBootId: string | undefined

/**
 * What is behind a path to a network namespace, or undefined when nothing is.
 * Throws CniError InvalidNetns when something else is (a plain file that lost its bind mount, for example).
 */
export function netnsIdentity(path: string): NetnsIdentity | undefined {
  try {
    const { dev, ino } = statSync(path, { bigint: true })
    if (statfsSync(path).type === NSFS_MAGIC) return { path, device: String(dev), inode: String(ino) }
  } catch (error) {
    const code = errnoCode(error)
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ESRCH') return undefined
    throw ioFailure(path, error)
  }
  throw new CniError(
    CniCode.InvalidNetns,
    'not a network namespace',
    `${path} exists but is no namespace file`,
  )
}

// linux/magic.h
const NSFS_MAGIC = 0x6e736673

/**
 * When a process was started, in clock ticks since boot (proc_pid_stat(5), field 22) as decimal text; undefined when
 * it has ended. One that has ended and was not waited for (state Z) has ended.
 */
export function processStartTime(pid: number): string | undefined {
  let stat: string
  try {
    stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
  } catch (error) {
    const code = errnoCode(error)
    if (code === 'ENOENT' || code === 'ESRCH') return undefined
    throw ioFailure(`/proc/${String(pid)}/stat`, error)
  }
  // Field 2 is the command in parentheses and may hold any character, so the fields are counted from the last ")".
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19]
}

/** This process, as the owner of an ADD. */
export function thisProcess(): ProcessIdentity {
  return { pid: process.pid, startTime: processStartTime(process.pid) ?? '' }
}

/**
 * Whether this process's network namespace has a link of that name. /sys/class/net would show the namespace in which
 * /sys was mounted, and plain `nsenter --net` mounts nothing; /proc/sys/net belongs to the namespace of whoever looks
 * (kernel, net/sysctl_net.c), and one look costs the same however many links there are, unlike /proc/net/dev.
 */
export function linkExists(name: string): boolean {
  return existsSync(`/proc/sys/net/ipv4/conf/${name}`)
}

/**
 * Whether a file was last written before this boot, so that nothing it speaks of is left, whatever it says. A minute is
 * allowed for clocks that were set; a virtual machine that slept gains more, so callers look for the link as well.
 */
export function isFromEarlierBoot(path: string): boolean {
  const mtimeMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Infinity
  return mtimeMs < Date.now() - uptime() * 1000 - 60_000
}

/** What a record's attachment is by now. It must be asked in the namespace that holds the record's host link. */
export function judge(record: AttachmentRecord): Verdict {
  if (record.bootId !== bootId()) return 'dead'
  if (record.phase === 'adding' && isRunning(record.owner)) return 'adding'
  // A network namespace that ends takes its end of the veth along, and with it the other end: network_namespaces(7).
  if (record.hostLink !== '') return linkExists(record.hostLink) ? 'alive' : 'dead'
  if (record.phase === 'adding') return 'dead'
  return isBehind(record.netns) || hasProcess(record.netns) ? 'alive' : 'dead'
}

/** Whether two identities are of one namespace, by whatever paths it is reached. */
export function isSameNetns(a: NetnsIdentity, b: NetnsIdentity): boolean {
  return a.device === b.device && a.inode === b.inode
}

function isRunning(owner: ProcessIdentity): boolean {
  return processStartTime(owner.pid) === owner.startTime
}

function isBehind(netns: NetnsIdentity): boolean {
  try {
    const found = netnsIdentity(netns.path)
    return found !== undefined && isSameNetns(found, netns)
  } catch (error) {
    if (error instanceof CniError && error.code === CniCode.InvalidNetns) return false
    throw error
  }
}

// The path may have been removed while the container's processes still run in the namespace.
function hasProcess(netns: NetnsIdentity): boolean {
  return occupiedNetns().some((occupied) => isSameNetns(occupied, netns))
}

/** The network namespaces that have a process in them, each once, by the path of one such process. */
export function occupiedNetns(): readonly NetnsIdentity[] {
  const found = new Map<string, NetnsIdentity>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const path = `/proc/${name}/ns/net`
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
