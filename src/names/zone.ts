// Which names there are, made from the registry: <name>.<domain>, <name>.<host>.<domain>, and the names of
// addresses.

import { formatIp, type Ip, parseIp } from '../addr/ip.ts'
import type { RegistryEntry } from '../registry/entry.ts'
import { labelOf } from './label.ts'

/** A host with its containers, as the registry has it. */
export interface NamedHost {
  readonly name: string
  readonly containers: readonly RegistryEntry[]
}

/** A published port of a container, at the container's own address. */
interface ServicePort {
  readonly protocol: string
  readonly containerPort: number
  readonly hostPort: number
}

/** What one name stands for. */
export interface NameEntry {
  readonly addresses: readonly Ip[]
  readonly ports: readonly ServicePort[]
}

export interface Zone {
  /** By label: the containers of the host that a short name stands for. */
  readonly names: ReadonlyMap<string, NameEntry>
  /** By label of the host, then of the container. */
  readonly hosts: ReadonlyMap<string, ReadonlyMap<string, NameEntry>>
  /** Labels of container and host by canonical address text. */
  readonly addresses: ReadonlyMap<string, readonly [container: string, host: string]>
}

/**
 * Makes the zone. A name on several hosts stands for that of the first one in the list.
 * @param hosts this host first, then the others in byte order of their names
 */
export function makeZone(hosts: readonly NamedHost[]): Zone {
  const names = new Map<string, NameEntry>()
  const byHost = new Map<string, Map<string, NameEntry>>()
  const addresses = new Map<string, readonly [string, string]>()
  for (const { name, containers } of hosts) {
    const host = labelOf(name)
    if (host === undefined) continue
    const own = byHost.get(host) ?? new Map<string, NameEntry>()
    byHost.set(host, own)
    for (const container of containers) {
      const entry = entryOf(container)
      const labels = [...new Set(container.names.flatMap((each) => labelOf(each) ?? []))]
      for (const label of labels) own.set(label, joined(own.get(label), entry))
      const [first] = labels
      if (first !== undefined) for (const ip of entry.addresses) addresses.set(formatIp(ip), [first, host])
    }
    for (const [label, entry] of own) if (!names.has(label)) names.set(label, entry)
  }
  return { names, hosts: byHost, addresses }
}

/** A label that containers on several hosts have. The first host answers for it. */
export interface NameClash {
  readonly name: string
  readonly hosts: readonly string[]
}

/** Returns the names that containers on several hosts have, in byte order. */
export function clashesIn({ names, hosts }: Zone): readonly NameClash[] {
  return [...names.keys()]
    .map((name) => ({ name, hosts: [...hosts].flatMap(([host, own]) => (own.has(name) ? [host] : [])) }))
    .filter((clash) => clash.hosts.length > 1)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

function entryOf({ addresses, ports }: RegistryEntry): NameEntry {
  return {
    addresses: addresses.flatMap((text) => parseIp(text) ?? []),
    ports: ports.map(({ protocol, containerPort, hostPort }) => ({ protocol, containerPort, hostPort })),
  }
}

// Several containers of one host may share a name, as replicas do: the name stands for all of them.
function joined(one: NameEntry | undefined, other: NameEntry): NameEntry {
  if (one === undefined) return other
  return { addresses: [...one.addresses, ...other.addresses], ports: [...one.ports, ...other.ports] }
}
