// What one attachment is: the key that names it, and the record of what ADD did, which DEL, CHECK and GC work from.
// Types and text only; src/state keeps the records on disk.

import { hexHash } from './name-hash.ts'
import type { PortMapping } from './port-mapping.ts'

/** What names an attachment: (network, container ID, interface name), all as the runtime spelt them. */
export interface AttachmentKey {
  readonly network: string
  readonly containerID: string
  readonly ifname: string
}

/** A network namespace: the path it was given by, and what is behind the path (device and inode as decimal text). */
export interface NetnsIdentity {
  readonly path: string
  readonly device: string
  readonly inode: string
}

/** A process that a reused process ID cannot be mistaken for: `startTime` in clock ticks since boot, decimal text. */
export interface ProcessIdentity {
  readonly pid: number
  readonly startTime: string
}

/**
 * What ADD did. It is written with phase 'adding' before anything else is made and replaced with phase 'up' at the
 * end, so there is never a lease or a link that no record speaks of.
 */
export interface AttachmentRecord extends AttachmentKey {
  readonly version: 1
  readonly phase: 'adding' | 'up'
  /** /proc/sys/kernel/random/boot_id: an attachment does not outlive its kernel. */
  readonly bootId: string
  readonly netns: NetnsIdentity
  /** The veth's end in the host; empty when another plugin makes the interfaces (`flatnet-ipam`). */
  readonly hostLink: string
  readonly hostLinkIndex?: number
  readonly mac: string
  /** Addresses with the prefix length of their subnet: "10.87.1.10/24". */
  readonly addresses: readonly string[]
  readonly bridge: string
  /** What the runtime called the container at its ADD, where it said so. */
  readonly containerName?: string
  /** Other names of the container on this network, as the runtime gave them. */
  readonly aliases?: readonly string[]
  /** Host ports published for it; absent when there are none. */
  readonly ports?: readonly PortMapping[]
  /** The process that does the ADD. */
  readonly owner: ProcessIdentity
  /** Time of the ADD, ISO 8601. */
  readonly since: string
}

/** One text per key: its parts joined by NUL, which none of them can contain. */
export function keyText(key: AttachmentKey): string {
  return `${key.network}\0${key.containerID}\0${key.ifname}`
}

/** How messages name an attachment: "c1 eth0 of network flatnet". */
export function describeKey(key: AttachmentKey): string {
  return `${key.containerID} ${key.ifname} of network ${key.network}`
}

/**
 * What no attachment's key can have, since the protocol refuses it and the names of its files follow from it:
 * 'containerID: "a/b" is no name'; undefined for a key that is in order.
 */
export function keyProblem(key: AttachmentKey): string | undefined {
  for (const name of ['network', 'containerID', 'ifname'] as const) {
    const part = key[name]
    const isHidden = name !== 'ifname' && part.startsWith('.')
    if (part === '' || isHidden || /[/:\0]/.test(part)) return `${name}: ${JSON.stringify(part)} is no name`
  }
  return undefined
}

/** Whether two keys name the same attachment. */
export function isSameKey(a: AttachmentKey, b: AttachmentKey): boolean {
  return keyText(a) === keyText(b)
}

/** Whether two records are of one and the same ADD: an ADD of the same key later is another one. */
export function isSameAdd(a: AttachmentRecord, b: AttachmentRecord): boolean {
  return a.owner.pid === b.owner.pid && a.owner.startTime === b.owner.startTime && a.since === b.since
}

/** The text that the host's end carries for people, cut to what the kernel takes (IFALIASZ). */
export function linkAlias(key: AttachmentKey): string {
  return `${ALIAS_START}${key.network}/${key.containerID}/${key.ifname}`.slice(0, 255)
}

/** The key in an alias; undefined for one of somebody else's, or cut off. */
export function keyOfAlias(alias: string): AttachmentKey | undefined {
  const [, network, containerID, ifname, more] = alias.split('/')
  if (!alias.startsWith(ALIAS_START) || alias.length >= 255 || more !== undefined) return undefined
  if (network === undefined || containerID === undefined || ifname === undefined) return undefined
  return { network, containerID, ifname }
}

const ALIAS_START = 'flatnet/'

/**
 * Name of the veth's host end: "veth" and 11 hexadecimal digits, the 15 bytes that IFNAMSIZ allows. It follows from
 * the key, so a left-over link can be found when the record is lost.
 */
export function hostLinkName(key: AttachmentKey): string {
  return `veth${hexHash(keyText(key), 11)}`
}
