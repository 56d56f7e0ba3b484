// An attachment record as the text of its file: JSON with sorted keys and a final newline.

import { parseIp } from '../addr/ip.ts'
import { parsePrefix } from '../addr/prefix.ts'
import { isObject } from '../config/shape.ts'
import { type AttachmentRecord, keyProblem } from './attachment.ts'
import { PORT_PROTOCOLS, type PortMapping } from './port-mapping.ts'

type Problem = { readonly problem: string }

/** JSON with the keys of every object sorted and a final newline, so that files of equal content are equal. */
export function sortedJson(value: unknown): string {
  return `${JSON.stringify(value, sortKeys, 2)}\n`
}

/**
 * Reads a record. Keys that are not known here are kept; a missing or mistyped one makes the whole record unusable,
 * and `problem` says which ("netns.inode: not a text").
 */
export function parseAttachment(text: string): AttachmentRecord | Problem {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { problem: text.trim() === '' ? 'the file is empty' : 'not JSON' }
  }
  if (!isObject(value)) return { problem: 'not a JSON object' }
  if (value['version'] !== 1) return { problem: `version ${JSON.stringify(value['version'])} instead of 1` }
  const problem = firstProblem(value)
  return problem === undefined ? (value as unknown as AttachmentRecord) : { problem }
}

const TEXTS = ['network', 'containerID', 'ifname', 'bootId', 'hostLink', 'mac', 'bridge', 'since'] as const

function firstProblem(value: Record<string, unknown>): string | undefined {
  const { phase, netns, owner, addresses, hostLinkIndex } = value as Partial<
    Record<keyof AttachmentRecord, unknown>
  >
  for (const name of TEXTS) if (typeof value[name] !== 'string') return `${name}: not a text`
  const nameless = keyProblem(value as unknown as AttachmentRecord)
  if (nameless !== undefined) return nameless
  if (phase !== 'adding' && phase !== 'up') return 'phase: neither adding nor up'
  if (!isObject(netns)) return 'netns: not an object'
  for (const name of ['path', 'device', 'inode']) {
    if (typeof netns[name] !== 'string') return `netns.${name}: not a text`
  }
  if (!isObject(owner)) return 'owner: not an object'
  if (!Number.isInteger(owner['pid'])) return 'owner.pid: not a whole number'
  if (typeof owner['startTime'] !== 'string') return 'owner.startTime: not a text'
  if (!Array.isArray(addresses)) return 'addresses: not a list'
  for (const address of addresses as unknown[]) {
    if (typeof address !== 'string' || parsePrefix(address) === undefined) {
      return `addresses: ${JSON.stringify(address)} is not ADDRESS/LENGTH`
    }
  }
  const ports = value['ports']
  if (ports !== undefined && !(Array.isArray(ports) && ports.every(isPortMapping)))
    return 'ports: not a list of port mappings'
  if (!['undefined', 'string'].includes(typeof value['containerName'])) return 'containerName: not a text'
  const aliases = value['aliases']
  if (aliases !== undefined && !(Array.isArray(aliases) && aliases.every((each) => typeof each === 'string')))
    return 'aliases: not a list of texts'
  if (hostLinkIndex !== undefined && !Number.isInteger(hostLinkIndex))
    return 'hostLinkIndex: not a whole number'
  return undefined
}

// What this cannot be mistaken in goes into nft commands.
function isPortMapping(value: unknown): boolean {
  if (!isObject(value)) return false
  const { protocol, hostPort, containerPort, hostIp } = value as Partial<Record<keyof PortMapping, unknown>>
  return (
    (PORT_PROTOCOLS as readonly unknown[]).includes(protocol) &&
    Number.isInteger(hostPort) &&
    Number.isInteger(containerPort) &&
    (hostIp === undefined || (typeof hostIp === 'string' && parseIp(hostIp) !== undefined))
  )
}

function sortKeys(_key: string, value: unknown): unknown {
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
