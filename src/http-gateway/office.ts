// The office as the page and GET /api/v1/office show it: hosts, how each is reached and why, and the
// containers that a browser can open (docs/office.schema.json). Pure.

import { compareText, type NamedContainer } from './document.ts'
import type { Documents, LeftOut } from './documents.ts'
import type { GatewayCondition, GatewaysDocument } from './recognition.ts'

/** `silent`: its agent has not been heard for so long that its containers are forgotten. */
export type OfficePath = 'local' | 'p2p' | 'gateway' | 'silent'

/** A change of path. */
export interface PathChange {
  /** ISO 8601. */
  readonly at: string
  readonly to: OfficePath
  readonly reason: string
}

/** How another host is reached. */
export interface PathOfHost {
  readonly path: OfficePath
  readonly reason: string
  /** A sentence with figures; may be empty. */
  readonly detail: string
  /** ISO 8601. */
  readonly since: string
  /** The last changes, latest first. */
  readonly changes: readonly PathChange[]
}

export interface OfficeContainer {
  readonly names: readonly string[]
  /** The default port; null when a request has to name one. */
  readonly port: number | null
  readonly ports: readonly number[]
  /** Whether its first name, without the host's, leads to this container. */
  readonly isFirst: boolean
}

export interface OfficeHost extends Omit<PathOfHost, 'reason' | 'since'> {
  readonly host: string
  /** Null for the host that answers. */
  readonly reason: string | null
  readonly since: string | null
  /** Its HTTP Gateway; null if it has none. */
  readonly gateway: { readonly address: string | null; readonly state: GatewayCondition } | null
  readonly containers: readonly OfficeContainer[]
}

export interface OfficeDocument {
  readonly version: 1
  readonly host: string
  readonly domain: string
  /** The host that answers first, then in byte order. */
  readonly hosts: readonly OfficeHost[]
  /** Containers that cannot be opened, though they should be. */
  readonly leftOut: readonly LeftOut[]
}

/** @param paths how the other hosts are reached, by their labels */
export function officeDocument(
  { self, hosts, leftOut }: Documents,
  paths: ReadonlyMap<string, PathOfHost>,
  { gateways }: GatewaysDocument,
): OfficeDocument {
  const containers = new Map(hosts.map((each) => [each.host, each.containers]))
  const owner = owners([self.host, ...[...paths.keys()].toSorted(compareText)], containers)
  const hostOf = (host: string, path: PathOfHost | undefined): OfficeHost => {
    const gateway = gateways.find((each) => each.host === host)
    return {
      host,
      path: path?.path ?? 'local',
      reason: path?.reason ?? null,
      detail: path?.detail ?? '',
      since: path?.since ?? null,
      changes: path?.changes ?? [],
      gateway: gateway === undefined ? null : { address: gateway.address, state: gateway.state },
      containers: (containers.get(host) ?? []).map(({ names, port, ports }) => ({
        names,
        port: port ?? null,
        ports,
        isFirst: owner.get(names[0] ?? '') === host,
      })),
    }
  }
  const others = [...paths].map(([host, path]) => hostOf(host, path))
  return {
    version: 1,
    host: self.host,
    domain: self.domain,
    hosts: [hostOf(self.host, undefined), ...others.toSorted((a, b) => compareText(a.host, b.host))],
    leftOut,
  }
}

// The host whose container answers to a name alone: this one, else the first in byte order
// (lua/flatnet/index.lua).
function owners(
  order: readonly string[],
  containers: ReadonlyMap<string, readonly NamedContainer[]>,
): ReadonlyMap<string, string> {
  const owner = new Map<string, string>()
  for (const host of order)
    for (const { names } of containers.get(host) ?? [])
      for (const name of names) if (!owner.has(name)) owner.set(name, host)
  return owner
}
