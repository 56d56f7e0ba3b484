// All containers of one host, as JSON between agents and on disk:
// {"version": 1, "epoch": …, "sequence": …, "httpGateway": "192.168.1.12:80", "containers": […]}.

import type { Prefix } from '../addr/prefix.ts'
import { configError, describe, parseObject } from '../config/shape.ts'
import { parseLanEndpoint } from './lan-endpoint.ts'
import { type RegistryEntry, parseEntry } from './entry.ts'

/** A bridge has 1,023 ports (src/addr/range.ts), and each container uses one. */
export const MOST_CONTAINERS = 1024

/** The most bytes of one state that is sent or taken: 1,024 containers with 2 KiB each. */
export const MOST_STATE_BYTES = 2_097_152

/**
 * Orders the states of one host. A run of the agent has a higher epoch than the one before; every change
 * within a run raises the sequence.
 */
export interface StateVersion {
  readonly epoch: number
  readonly sequence: number
}

export interface HostState extends StateVersion {
  /** ADDRESS:PORT where other hosts reach its HTTP Gateway over the LAN; absent if it has none. */
  readonly httpGateway?: string
  readonly containers: readonly RegistryEntry[]
}

/** Returns a negative number if `a` is earlier than `b`, 0 for the same version, a positive one otherwise. */
export function compareVersions(a: StateVersion, b: StateVersion): number {
  return a.epoch === b.epoch ? a.sequence - b.sequence : a.epoch - b.epoch
}

/** Writes a version as an entity tag (RFC 9110, section 8.8.3): "1764489600000-7", in quotes. */
export function etagOf({ epoch, sequence }: StateVersion): string {
  return `"${String(epoch)}-${String(sequence)}"`
}

export function renderState({ epoch, sequence, httpGateway, containers }: HostState): string {
  return `${JSON.stringify({ version: 1, epoch, sequence, httpGateway, containers })}\n`
}

/**
 * Reads the state of one host.
 * @param subnets the container subnets of that host's certificate
 * @param source how errors name it: "containers of host-b"
 * @throws CniError DecodeFailure, or InvalidConfig naming the key. One bad entry refuses the whole state, so
 * that what is shown is always what the host has told at one moment.
 */
export function parseState(text: string, subnets: readonly Prefix[], source: string): HostState {
  const object = parseObject(text, source)
  if (object['version'] !== 1)
    throw configError(`${source}: version`, `this agent knows version 1, got ${describe(object['version'])}`)
  const { containers } = object
  if (!Array.isArray(containers))
    throw configError(`${source}: containers`, `needs a list, got ${describe(containers)}`)
  if (containers.length > MOST_CONTAINERS)
    throw configError(
      `${source}: containers`,
      `has ${String(containers.length)} elements, at most ${String(MOST_CONTAINERS)} are allowed`,
    )
  const httpGateway = parseHttpGateway(object['httpGateway'], `${source}: httpGateway`)
  return {
    ...parseVersion(object, source),
    ...(httpGateway === undefined ? {} : { httpGateway }),
    containers: containers.map((entry: unknown, index) =>
      parseEntry(entry, subnets, `${source}: containers[${String(index)}]`),
    ),
  }
}

function parseHttpGateway(value: unknown, path: string): string | undefined {
  if (value === undefined) return undefined
  const endpoint = typeof value === 'string' ? parseLanEndpoint(value) : undefined
  if (endpoint !== undefined) return endpoint
  throw configError(path, `needs ADDRESS:PORT of a LAN, got ${describe(value)}`)
}

/** Reads epoch and sequence. @throws CniError InvalidConfig */
export function parseVersion(object: Readonly<Record<string, unknown>>, source: string): StateVersion {
  const count = (key: 'epoch' | 'sequence'): number => {
    const value = object[key]
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
      throw configError(`${source}: ${key}`, `needs a whole number from 0, got ${describe(value)}`)
    return value
  }
  return { epoch: count('epoch'), sequence: count('sequence') }
}
