// Nebula's allow lists (allow_list.go): what they let through.

import { parseIp, type Ip } from '../../addr/ip.ts'
import { contains, parsePrefix, bareAddress } from '../../addr/prefix.ts'
import type { AllowList } from '../../nebula/configuration/parts.ts'

/**
 * Tells whether an address passes: the longest matching network decides. Without a list every address passes.
 */
export function allowsAddress(list: AllowList | undefined, ip: Ip): boolean {
  const networks = [...(list?.networks ?? [])].flatMap(([text, isAllowed]) => {
    const network = parsePrefix(text)
    return network === undefined || network.family !== ip.family ? [] : [{ network, isAllowed }]
  })
  const [best] = networks
    .filter(({ network }) => contains(network, ip))
    .toSorted((a, b) => b.network.length - a.network.length)
  // A list with only `true` entries refuses everything else, one with only `false` entries allows it. A mixed
  // list must contain the default network, or Nebula does not start.
  return best?.isAllowed ?? !networks.some(({ isAllowed }) => isAllowed)
}

/**
 * Tells whether Nebula advertises a link's addresses. Names are regular expressions over the whole name; all
 * values are equal.
 */
function allowsLink(list: AllowList | undefined, name: string): boolean {
  const rules = [...(list?.interfaces ?? [])]
  const [first] = rules
  if (first === undefined) return true
  const isNamed = rules.some(([pattern]) => matches(pattern, name))
  return isNamed ? first[1] : !first[1]
}

/** Tells whether Nebula advertises any of a link's addresses as underlay addresses of this host. */
export function isTold(list: AllowList | undefined, link: string, addresses: readonly string[]): boolean {
  if (!allowsLink(list, link)) return false
  return addresses.some((address) => {
    const ip = parseIp(bareAddress(address))
    return ip !== undefined && allowsAddress(list, ip)
  })
}

// A pattern with Go syntax that JavaScript lacks matches nothing, as if the line were absent.
function matches(pattern: string, name: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`).test(name)
  } catch {
    return false
  }
}
