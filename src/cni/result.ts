// The ADD result: its shape (CNI SPEC 1.1.0, section 5, "Success") and its text in every version this plugin speaks.

/** A link of the attachment; `sandbox` is the namespace path of a link inside the container, absent on the host. */
export interface ResultInterface {
  readonly name: string
  readonly mac: string
  readonly sandbox?: string
}

/** An address "A/LEN" with its gateway; `interface` is an index into {@link CniResult.interfaces}. */
export interface ResultIp {
  readonly address: string
  readonly gateway?: string
  readonly interface?: number
}

/** A route inside the container. */
export interface ResultRoute {
  readonly dst: string
  readonly gw?: string
}

/** Resolver settings; every list may be absent. */
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

/** Adds our result behind that of earlier plugins of the chain: lists are appended, indices of ours shifted. */
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
 * The result as the runtime reads it: one JSON line in the version of the network configuration. Before 1.0.0 each
 * address says its family in `version` (SPEC 0.3.0 to 0.4.0, "Result").
 */
export function renderResult(result: CniResult, cniVersion: string): string {
  const ips = cniVersion.startsWith('0.')
    ? result.ips.map((ip) => ({ version: ip.address.includes(':') ? '6' : '4', ...ip }))
    : result.ips
  return JSON.stringify({ cniVersion, ...result, ips }) + '\n'
}
