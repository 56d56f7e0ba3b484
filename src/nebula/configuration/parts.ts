// The list-valued parts of Nebula's configuration: firewall rules, unsafe routes, allow lists.

import { asFlag, asList, asMap, asNumber, asText, asTexts, type Problems } from './values.ts'

/** One firewall rule as written. Missing keys are undefined. */
export interface FirewallRule {
  /** "any", "fragment", "80", "200-901". ICMP rules may use `code` instead. */
  readonly port: string | undefined
  readonly proto: string | undefined
  readonly host: string | undefined
  readonly groups: readonly string[]
  readonly cidr: string | undefined
  /** The networks on this side that the rule covers; "any" since 1.10. */
  readonly localCidr: string | undefined
  readonly caName: string | undefined
  readonly caSha: string | undefined
}

/** One entry of `tun.unsafe_routes`. */
export interface UnsafeRoute {
  readonly route: string
  /** Overlay addresses of the gateways. Several are possible since 1.10. */
  readonly via: readonly string[]
  readonly mtu: number | undefined
  readonly metric: number | undefined
  readonly install: boolean | undefined
}

/** An allow list (allow_list.go). */
export interface AllowList {
  /** Regular expressions over interface names, in a local allow list only. */
  readonly interfaces: ReadonlyMap<string, boolean>
  readonly networks: ReadonlyMap<string, boolean>
}

/** Reads one rule. Returns an empty list if `item` is not an object. */
export function readRule(item: unknown, path: string, note: Problems): FirewallRule[] {
  const map = asMap(item, path, note)
  if (Object.keys(map).length === 0) return []
  const text = (key: string): string | undefined => asText(map[key], `${path}.${key}`, note)
  const group =
    typeof map['group'] === 'object' ? asTexts(map['group'], `${path}.group`, note) : [text('group')]
  const groups =
    typeof map['groups'] === 'string' ? [map['groups']] : asTexts(map['groups'], `${path}.groups`, note)
  return [
    {
      port: text('port') ?? text('code'),
      proto: text('proto'),
      host: text('host'),
      groups: [...group, ...groups].filter((name) => name !== undefined),
      cidr: text('cidr'),
      localCidr: text('local_cidr'),
      caName: text('ca_name'),
      caSha: text('ca_sha'),
    },
  ]
}

/** Reads one unsafe route. Returns an empty list if route or gateway is missing. */
export function readUnsafeRoute(item: unknown, path: string, note: Problems): UnsafeRoute[] {
  const map = asMap(item, path, note)
  const route = asText(map['route'], `${path}.route`, note)
  const via = gateways(map['via'], `${path}.via`, note)
  if (route === undefined || via.length === 0) {
    note(path, 'needs route and via')
    return []
  }
  const number = (key: string): number | undefined => asNumber(map[key], `${path}.${key}`, note)
  return [
    {
      route,
      via,
      mtu: number('mtu'),
      metric: number('metric'),
      install: asFlag(map['install'], `${path}.install`, note),
    },
  ]
}

// Since 1.10 the value may be a list of {gateway, weight} (overlay/route.go).
function gateways(value: unknown, path: string, note: Problems): string[] {
  if (!Array.isArray(value)) return [asText(value, path, note)].filter((text) => text !== undefined)
  return asList(value, path, note).flatMap((item, index) => {
    const at = `${path}[${String(index)}]`
    const single = typeof item === 'string' ? item : asMap(item, at, note)['gateway']
    return asText(single, `${at}.gateway`, note) ?? []
  })
}

/** Reads an allow list. Returns undefined if there is none. */
export function readAllowList(value: unknown, path: string, note: Problems): AllowList | undefined {
  if (value === undefined || value === null) return undefined
  const { interfaces, ...networks } = asMap(value, path, note)
  return {
    interfaces: flags(asMap(interfaces, `${path}.interfaces`, note), `${path}.interfaces`, note),
    networks: flags(networks, path, note),
  }
}

function flags(
  map: Readonly<Record<string, unknown>>,
  path: string,
  note: Problems,
): ReadonlyMap<string, boolean> {
  return new Map(
    Object.entries(map).flatMap(([key, value]) => {
      const flag = asFlag(value, `${path}.${key}`, note)
      return flag === undefined ? [] : [[key, flag] as const]
    }),
  )
}
