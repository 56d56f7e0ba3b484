// Makes what the agent pushes into nginx: one document per host, with everything decided that can be decided
// before a request comes. Pure.

import { compareText, type HostDocument, type NamedContainer, type SelfDocument } from './document.ts'
import { toLabel } from './label.ts'
import type { Reach } from './options.ts'
import type { ProofKey } from './proof.ts'
import { type PortsOfContainer, reachablePorts } from './reachable.ts'

/** A container as the registry knows it. */
export interface KnownContainer extends PortsOfContainer {
  readonly names: readonly string[]
  readonly addresses: readonly string[]
  /** ISO 8601. */
  readonly since: string
}

/** One host as the agent knows it at this moment. */
export interface KnownHost {
  readonly name: string
  /** The first overlay address, canonical. */
  readonly overlay: string
  readonly subnets: readonly string[]
  readonly path: HostDocument['path']
  /**
   * Where its HTTP Gateway listens on the LAN: "192.168.1.12:80". Undefined if it has none, or for this host.
   */
  readonly gateway: string | undefined
  /** Undefined for this host. */
  readonly key?: ProofKey | undefined
  /** Undefined while the host has told none: it gets a label, but no document. */
  readonly containers: readonly KnownContainer[] | undefined
}

/** What was left out, for people. */
export interface LeftOut {
  readonly host: string
  readonly what: string
}

export interface Documents {
  readonly self: SelfDocument
  /** The hosts' labels by overlay address. */
  readonly labels: ReadonlyMap<string, string>
  /** This host's first, then in byte order. */
  readonly hosts: readonly HostDocument[]
  readonly leftOut: readonly LeftOut[]
}

/** @param own this host; its path is "local" */
export function makeDocuments(
  own: KnownHost,
  others: readonly KnownHost[],
  settings: { readonly domain: string; readonly reach: Reach },
): Documents {
  const labels = hostLabels([own, ...others.toSorted((a, b) => compareText(a.overlay, b.overlay))])
  const leftOut: LeftOut[] = []
  const hosts = [...labels].flatMap(([label, host]) => documentOf(label, host, settings.reach, leftOut) ?? [])
  const [first, ...rest] = hosts
  const ordered = first === undefined ? [] : [first, ...rest.toSorted((a, b) => compareText(a.host, b.host))]
  return {
    self: { version: 1, host: first?.host ?? '', domain: settings.domain, overlay: own.overlay },
    labels: new Map([...labels].map(([label, { overlay }]) => [overlay, label])),
    hosts: ordered,
    leftOut,
  }
}

// Two hosts may have names that become the same label. The second one is called by its overlay address.
function hostLabels(hosts: readonly KnownHost[]): ReadonlyMap<string, KnownHost> {
  const labels = new Map<string, KnownHost>()
  for (const host of hosts) {
    const wanted = toLabel(host.name)
    const label = wanted === undefined || labels.has(wanted) ? toLabel(host.overlay) : wanted
    if (label !== undefined) labels.set(label, host)
  }
  return labels
}

function documentOf(
  label: string,
  host: KnownHost,
  reach: Reach,
  leftOut: LeftOut[],
): HostDocument | undefined {
  if (host.containers === undefined) return undefined
  const taken = new Set<string>()
  const containers: NamedContainer[] = []
  // The one that was there first keeps the name.
  for (const container of host.containers.toSorted((a, b) => compareText(a.since, b.since))) {
    const ports = reachablePorts(container, reach)
    const address = container.addresses.find((each) => !each.includes(':')) ?? container.addresses[0]
    if (ports === undefined || address === undefined) continue
    const wanted = [...new Set(container.names.flatMap((name) => toLabel(name) ?? []))]
    const names = wanted.filter((name) => !taken.has(name))
    for (const name of wanted.filter((each) => taken.has(each)))
      leftOut.push({ host: label, what: `a second container called ${name}` })
    if (names.length === 0) continue
    for (const name of names) taken.add(name)
    const port = ports.port === undefined ? {} : { port: ports.port }
    containers.push({ names, address, ...port, ports: ports.ports })
  }
  const { subnets, path, gateway, key } = host
  return {
    version: 1,
    host: label,
    path,
    subnets,
    ...(gateway === undefined ? {} : { gateway }),
    ...(key === undefined ? {} : { key }),
    containers: containers.toSorted((a, b) => compareText(a.names[0] ?? '', b.names[0] ?? '')),
  }
}
