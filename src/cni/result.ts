// The ADD result: its shape (CNI SPEC 1.1.0, section 5, "Success") and its text in every version this plugin
// supports.

import { CniCode, CniError } from './error.ts'
import { type CniVersion, isSince } from './version.ts'

/**
 * A link of the attachment. `sandbox` is the namespace path of a link inside the container and absent for a
 * link on the host.
 */
export interface ResultInterface {
  readonly name: string
  readonly mac: string
  /** Bytes; since 1.1.0. */
  readonly mtu?: number
  readonly sandbox?: string
}

/** An address "A/LEN" with its gateway. `interface` is an index into {@link CniResult.interfaces}. */
export interface ResultIp {
  readonly address: string
  readonly gateway?: string
  readonly interface?: number
}

/**
 * A route inside the container. All fields except `dst` and `gw` exist since 1.1.0. `priority` is the metric
 * of `ip route`.
 */
export interface ResultRoute {
  readonly dst: string
  readonly gw?: string
  readonly mtu?: number
  readonly advmss?: number
  readonly priority?: number
  readonly table?: number
  readonly scope?: number
}

/** Resolver settings. Every list is optional. */
export interface ResultDns {
  readonly nameservers?: readonly string[]
  readonly domain?: string
  readonly search?: readonly string[]
  readonly options?: readonly string[]
}

/** A result without its version. */
export interface CniResult {
  readonly interfaces: readonly ResultInterface[]
  readonly ips: readonly ResultIp[]
  readonly routes: readonly ResultRoute[]
  readonly dns: ResultDns
}

/**
 * Appends our result to the result of earlier plugins in the chain: lists are joined and our indices shifted.
 */
export function appendResult(previous: CniResult, own: CniResult): CniResult {
  const shift = previous.interfaces.length
  const ips = own.ips.map((ip) =>
    ip.interface === undefined ? ip : { ...ip, interface: ip.interface + shift },
  )
  return {
    interfaces: [...previous.interfaces, ...own.interfaces],
    ips: [...previous.ips, ...ips],
    routes: [...previous.routes, ...own.routes],
    dns: Object.keys(own.dns).length > 0 ? own.dns : previous.dns,
  }
}

/**
 * Renders the result for the runtime: one JSON line in the version of the network configuration. The result
 * of earlier plugins in the chain comes first, unchanged, then ours.
 * @throws CniError InvalidConfig before 0.3.0 if there is no address, which those versions cannot express
 */
export function renderResult(own: CniResult, cniVersion: CniVersion, previous?: CniResult): string {
  const said = isSince(cniVersion, '1.1.0') ? own : withoutNews(own)
  const result = previous === undefined ? said : appendResult(previous, said)
  const body = isSince(cniVersion, '0.3.0') ? lists(result, cniVersion) : pairOfIps(result, cniVersion)
  return `${JSON.stringify({ cniVersion, ...body })}\n`
}

// Drops the fields added in 1.1.0. Older readers ignore them, but they are not part of those versions (SPEC
// 1.0.0, section 5).
function withoutNews(result: CniResult): CniResult {
  return {
    ...result,
    interfaces: result.interfaces.map(({ name, mac, sandbox }) => ({
      name,
      mac,
      ...(sandbox === undefined ? {} : { sandbox }),
    })),
    routes: result.routes.map(({ dst, gw }) => ({ dst, ...(gw === undefined ? {} : { gw }) })),
  }
}

// Before 1.0.0 each address gives its family in `version` (SPEC 0.3.0 to 0.4.0, "Result"). A delegated IPAM
// plugin has no interfaces and omits the key (SPEC 1.1.0, section 4).
function lists({ interfaces, ips, routes, dns }: CniResult, version: CniVersion): object {
  return {
    ...(interfaces.length === 0 ? {} : { interfaces }),
    ips: isSince(version, '1.0.0') ? ips : ips.map((ip) => ({ version: familyOf(ip.address), ...ip })),
    routes,
    dns,
  }
}

// SPEC 0.1.0 and 0.2.0, "Result": one address per family, each with the routes of its family, and no
// interfaces.
function pairOfIps({ ips, routes, dns }: CniResult, version: CniVersion): object {
  const body: Record<string, object> = {}
  for (const family of ['4', '6'] as const) {
    const first = ips.find(({ address }) => familyOf(address) === family)
    if (first === undefined) continue
    const { address, gateway } = first
    body[`ip${family}`] = {
      ip: address,
      ...(gateway === undefined ? {} : { gateway }),
      routes: routes.filter(({ dst }) => familyOf(dst) === family),
    }
  }
  if (ips.length > 0) return { ...body, dns }
  throw new CniError(
    CniCode.InvalidConfig,
    'result has no address',
    `cniVersion ${version} cannot say so; set it to 0.3.1 or newer`,
  )
}

function familyOf(address: string): '4' | '6' {
  return address.includes(':') ? '6' : '4'
}
