// One container as its host tells the others, and the reader that checks every text of it. Another host may
// run another version, or send anything.

import { formatIp, parseIp } from '../addr/ip.ts'
import { contains, type Prefix } from '../addr/prefix.ts'
import { parseContainerName } from '../config/container-name.ts'
import { parsePort } from '../config/port-mappings.ts'
import { configError, describe, optionalObject, stringList } from '../config/shape.ts'
import { isObject, type JsonObject } from '../json.ts'
import { PORT_PROTOCOLS, type PortProtocol } from '../net/ports/mapping.ts'
import type { ContainerView, ExposedPort, PortTroubleView, PortView } from '../views/containers.ts'

/** A running container on one network of its host. The host's name is that of its certificate. */
export type RegistryEntry = Omit<ContainerView, 'host' | 'state'> & {
  readonly exposed: readonly ExposedPort[]
  readonly labels: Readonly<Record<string, string>>
}

/** Only these labels leave a host: others may hold anything, passwords included. */
export const LABEL_PREFIX = 'flatnet.'

/** What one container may have at most. */
export const ENTRY_LIMITS = { names: 32, addresses: 4, ports: 512, exposed: 512, labels: 32 } as const

const LONGEST_ID = 255
const LONGEST_LABEL = 128
const LONGEST_VALUE = 1024
const LONGEST_SENTENCE = 500

/**
 * Reads one container. Unknown keys are left out: a later version may have more.
 * @param subnets the container subnets of the host's certificate
 * @param path how errors name the value
 * @throws CniError InvalidConfig naming the key
 */
export function parseEntry(value: unknown, subnets: readonly Prefix[], path: string): RegistryEntry {
  if (!isObject(value)) throw configError(path, `needs an object, got ${describe(value)}`)
  const at = (key: string): [unknown, string] => [value[key], `${path}.${key}`]
  return {
    id: text(...at('id'), LONGEST_ID),
    names: list(...at('names'), ENTRY_LIMITS.names).map((name, index) =>
      parseName(name, `${path}.names[${String(index)}]`),
    ),
    network: parseName(...at('network')),
    ifname: text(...at('ifname'), 15),
    addresses: parseAddresses(...at('addresses'), subnets),
    ports: list(...at('ports'), ENTRY_LIMITS.ports).map((port, index) =>
      parsePortView(port, `${path}.ports[${String(index)}]`),
    ),
    exposed: list(value['exposed'] ?? [], `${path}.exposed`, ENTRY_LIMITS.exposed).map((port, index) =>
      parseExposed(port, `${path}.exposed[${String(index)}]`),
    ),
    labels: parseLabels(...at('labels')),
    since: parseTime(...at('since')),
  }
}

// Printable, so that a terminal, a log and a page show it as it is.
function text(value: unknown, path: string, longest: number): string {
  if (typeof value !== 'string' || value.length > longest || !/^[^\p{C}\p{Z}]+$/u.test(value))
    throw configError(path, `needs up to ${String(longest)} printable characters, got ${describe(value)}`)
  return value
}

function sentence(value: unknown, path: string, longest: number): string {
  if (typeof value !== 'string' || value.length > longest || /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(value))
    throw configError(path, `needs up to ${String(longest)} characters of one line, got ${describe(value)}`)
  return value
}

function list(value: unknown, path: string, most: number): readonly unknown[] {
  if (!Array.isArray(value)) throw configError(path, `needs a list, got ${describe(value)}`)
  if (value.length > most)
    throw configError(path, `has ${String(value.length)} elements, at most ${String(most)} are allowed`)
  return value
}

function parseName(value: unknown, path: string): string {
  const name = typeof value === 'string' ? parseContainerName(value) : undefined
  if (name === undefined) throw configError(path, `needs a name, got ${describe(value)}`)
  return name
}

function parseAddresses(value: unknown, path: string, subnets: readonly Prefix[]): readonly string[] {
  const addresses = stringList(list(value, path, ENTRY_LIMITS.addresses), path)
  if (addresses.length === 0) throw configError(path, 'needs at least one address')
  return addresses.map((address, index) => {
    const ip = parseIp(address)
    if (ip !== undefined && subnets.some((subnet) => contains(subnet, ip))) return formatIp(ip)
    throw configError(
      `${path}[${String(index)}]`,
      `${describe(address)} is not in a container subnet of the host's certificate`,
    )
  })
}

function parsePortView(value: unknown, path: string): PortView {
  const port = optionalObject(value, path)
  const { hostIp } = port
  if (hostIp !== null && (typeof hostIp !== 'string' || parseIp(hostIp) === undefined))
    throw configError(`${path}.hostIp`, `needs an address or null, got ${describe(hostIp)}`)
  return {
    protocol: parseProtocol(port, path),
    hostPort: parsePort(port['hostPort'], `${path}.hostPort`),
    containerPort: parsePort(port['containerPort'], `${path}.containerPort`),
    hostIp,
    trouble: parseTrouble(port['trouble'], `${path}.trouble`),
  }
}

function parseTrouble(value: unknown, path: string): PortTroubleView | null {
  if (value === undefined || value === null) return null
  const { kind, says } = optionalObject(value, path)
  if (kind !== 'host-program' && kind !== 'absent-address')
    throw configError(`${path}.kind`, `needs "host-program" or "absent-address", got ${describe(kind)}`)
  return { kind, says: sentence(says, `${path}.says`, LONGEST_SENTENCE) }
}

function parseExposed(value: unknown, path: string): ExposedPort {
  const exposed = optionalObject(value, path)
  return { protocol: parseProtocol(exposed, path), port: parsePort(exposed['port'], `${path}.port`) }
}

function parseProtocol({ protocol }: JsonObject, path: string): PortProtocol {
  const found = PORT_PROTOCOLS.find((each) => each === protocol)
  if (found === undefined)
    throw configError(`${path}.protocol`, `needs tcp, udp or sctp, got ${describe(protocol)}`)
  return found
}

function parseLabels(value: unknown, path: string): Readonly<Record<string, string>> {
  const labels = Object.entries(optionalObject(value, path))
  if (labels.length > ENTRY_LIMITS.labels)
    throw configError(
      path,
      `has ${String(labels.length)} labels, at most ${String(ENTRY_LIMITS.labels)} are allowed`,
    )
  return Object.fromEntries(
    labels.map(([key, label]) => {
      const name = text(key, path, LONGEST_LABEL)
      if (!name.startsWith(LABEL_PREFIX))
        throw configError(path, `needs names that begin with ${LABEL_PREFIX}, got ${describe(key)}`)
      return [name, sentence(label, `${path}.${key}`, LONGEST_VALUE)]
    }),
  )
}

function parseTime(value: unknown, path: string): string {
  if (typeof value !== 'string' || value.length > 40 || Number.isNaN(Date.parse(value)))
    throw configError(path, `needs a time, got ${describe(value)}`)
  return value
}
