// An attachment: the key that names it, and the record of what ADD did, which DEL, CHECK and GC work from.
// Types and text only; src/state stores the records.

import { hexHash } from './name-hash.ts'
import type { PortMapping } from './ports/mapping.ts'

/** The name of an attachment: network, container ID and interface name, all as spelt by the runtime. */
export interface AttachmentKey {
  readonly network: string
  readonly containerID: string
  readonly ifname: string
}

/**
 * A network namespace: the path it was given by, and what the path refers to (device and inode as decimal
 * text).
 */
export interface NetnsIdentity {
  readonly path: string
  readonly device: string
  readonly inode: string
}

/**
 * A process, identified so that a reused process ID is not mistaken for it. `startTime` in clock ticks since
 * boot, decimal text.
 */
export interface ProcessIdentity {
  readonly pid: number
  readonly startTime: string
}

/**
 * What ADD did. The record is written with phase 'adding' before anything else is created, and replaced with
 * phase 'up' at the end. So every lease and link has a record.
 */
export interface AttachmentRecord extends AttachmentKey {
  readonly version: 1
  readonly phase: 'adding' | 'up'
  /** /proc/sys/kernel/random/boot_id. An attachment does not survive a reboot. */
  readonly bootId: string
  readonly netns: NetnsIdentity
  /** The host end of the veth pair; empty if another plugin creates the interfaces (`flatnet-ipam`). */
  readonly hostLink: string
  readonly mac: string
  /** Addresses with the prefix length of their subnet: "10.87.1.10/24". */
  readonly addresses: readonly string[]
  readonly bridge: string
  /** The runtime's name for the container at the time of ADD, if it gave one. */
  readonly containerName?: string
  /** Further names of the container on this network, from the runtime. */
  readonly aliases?: readonly string[]
  /** Published host ports; absent if there are none. */
  readonly ports?: readonly PortMapping[]
  /** Host ports that another network of the same container publishes; absent if there are none. */
  readonly standby?: readonly PortMapping[]
  /** The connection tracking zone for connections to these ports, 1 to 65535. Every ADD uses a new one. */
  readonly zone?: number
  /** The process that performs the ADD. */
  readonly owner: ProcessIdentity
  /**
   * The process that starts the container: podman 5, which ends then. If it has ended and nothing is in the
   * namespace, nothing comes any more.
   */
  readonly starter?: ProcessIdentity
  /** Time of the ADD, ISO 8601. */
  readonly since: string
}

/** Returns one text per key: its parts joined by NUL, which none of them can contain. */
export function keyText(key: AttachmentKey): string {
  return `${key.network}\0${key.containerID}\0${key.ifname}`
}

/** Describes an attachment for messages: "c1 eth0 of network flatnet". */
export function describeKey(key: AttachmentKey): string {
  return `${key.containerID} ${key.ifname} of network ${key.network}`
}

/**
 * Returns why a key is invalid ('containerID: "a/b" is not a name'), or undefined if it is valid. The
 * protocol refuses such keys, and file names are derived from keys.
 */
export function keyProblem(key: AttachmentKey): string | undefined {
  for (const name of ['network', 'containerID', 'ifname'] as const) {
    const part = key[name]
    const isHidden = name !== 'ifname' && part.startsWith('.')
    if (part === '' || isHidden || /[/:\0]/.test(part))
      return `${name}: ${JSON.stringify(part)} ` + 'is not a name'
  }
  return undefined
}

/** Returns whether two keys name the same attachment. */
export function isSameKey(a: AttachmentKey, b: AttachmentKey): boolean {
  return keyText(a) === keyText(b)
}

/** Returns whether two records are from the same ADD. A later ADD of the same key is a different one. */
export function isSameAdd(a: AttachmentRecord, b: AttachmentRecord): boolean {
  return a.owner.pid === b.owner.pid && a.owner.startTime === b.owner.startTime && a.since === b.since
}

/** Returns the host link's alias, for people, cut to the kernel's limit (IFALIASZ). */
export function linkAlias(key: AttachmentKey): string {
  return `${ALIAS_START}${key.network}/${key.containerID}/${key.ifname}`.slice(0, 255)
}

/** Parses the key from an alias. Returns undefined for a foreign or truncated alias. */
export function keyOfAlias(alias: string): AttachmentKey | undefined {
  const [, network, containerID, ifname, more] = alias.split('/')
  if (!alias.startsWith(ALIAS_START) || alias.length >= 255 || more !== undefined) return undefined
  if (network === undefined || containerID === undefined || ifname === undefined) return undefined
  return { network, containerID, ifname }
}

const ALIAS_START = 'flatnet/'

/**
 * Returns the name of the veth pair's host end: "veth" and 11 hex digits, the 15 bytes that IFNAMSIZ allows.
 * It is derived from the key, so a leftover link can be found even without its record.
 */
export function hostLinkName(key: AttachmentKey): string {
  return `veth${hexHash(keyText(key), 11)}`
}
