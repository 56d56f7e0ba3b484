// The file format of an attachment record: JSON with sorted keys and a final newline.

import { parseIp } from '../addr/ip.ts'
import { parsePrefix } from '../addr/prefix.ts'
import { isObject } from '../json.ts'
import { type AttachmentRecord, keyProblem } from './attachment.ts'
import { isZone, PORT_PROTOCOLS, type PortMapping } from './ports/mapping.ts'

type Problem = { readonly problem: string }

/**
 * Renders JSON with sorted keys in every object and a final newline, so that files with equal content are
 * equal.
 */
export function sortedJson(value: unknown): string {
  return `${JSON.stringify(value, sortKeys, 2)}\n`
}

/**
 * Parses a record. Keeps unknown keys. A missing or mistyped key makes the whole record unusable, and
 * `problem` names it ("netns.inode: not a text").
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
  const { phase, netns, owner, starter, addresses } = value as Partial<
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
  const problem =
    processProblem('owner', owner) ?? (starter === undefined ? undefined : processProblem('starter', starter))
  if (problem !== undefined) return problem
  if (!Array.isArray(addresses)) return 'addresses: not a list'
  for (const address of addresses as unknown[]) {
    if (typeof address !== 'string' || parsePrefix(address) === undefined) {
      return `addresses: ${JSON.stringify(address)} is not ADDRESS/LENGTH`
    }
  }
  for (const name of ['ports', 'standby']) {
    const ports = value[name]
    if (ports !== undefined && !(Array.isArray(ports) && ports.every(isPortMapping)))
      return `${name}: not a list of port mappings`
  }
  if (value['zone'] !== undefined && !isZone(value['zone'])) return 'zone: not a number from 1 to 65535'
  if (!['undefined', 'string'].includes(typeof value['containerName'])) return 'containerName: not a text'
  const aliases = value['aliases']
  if (aliases !== undefined && !(Array.isArray(aliases) && aliases.every((each) => typeof each === 'string')))
    return 'aliases: not a list of texts'
  return undefined
}

function processProblem(name: string, value: unknown): string | undefined {
  if (!isObject(value)) return `${name}: not an object`
  if (!Number.isInteger(value['pid'])) return `${name}.pid: not a whole number`
  return typeof value['startTime'] === 'string' ? undefined : `${name}.startTime: not a text`
}

// Strict, because these values go into nft commands.
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
