// Nebula's allow lists (allow_list.go): what they let through.

import { parseIp, type Ip } from '../addr/ip.ts'
import { contains, parsePrefix } from '../addr/prefix.ts'
import type { AllowList } from '../nebula/nebula-config-parts.ts'

/** Whether an address passes: the longest network that holds it decides. Without a list everything does. */
export function allowsAddress(list: AllowList | undefined, ip: Ip): boolean {
  const networks = [...(list?.networks ?? [])].flatMap(([text, isAllowed]) => {
    const network = parsePrefix(text)
    return network === undefined || network.family !== ip.family ? [] : [{ network, isAllowed }]
  })
  const [best] = networks
    .filter(({ network }) => contains(network, ip))
    .toSorted((a, b) => b.network.length - a.network.length)
  // A list of only true ones keeps everything else out, one of only false ones lets it in; a mixed one has to have the
  // default network, or Nebula does not start.
  return best?.isAllowed ?? !networks.some(({ isAllowed }) => isAllowed)
}

/** Whether a link's addresses are told to others. Names are regular expressions over the whole name; all values are equal. */
export function allowsLink(list: AllowList | undefined, name: string): boolean {
  const rules = [...(list?.interfaces ?? [])]
  const [first] = rules
  if (first === undefined) return true
  const isNamed = rules.some(([pattern]) => matches(pattern, name))
  return isNamed ? first[1] : !first[1]
}

/** Whether what a link has is told to others as a way to reach this host. */
export function isTold(list: AllowList | undefined, link: string, addresses: readonly string[]): boolean {
  if (!allowsLink(list, link)) return false
  return addresses.some((address) => {
    const ip = parseIp(address.replace(/\/.*/, ''))
    return ip !== undefined && allowsAddress(list, ip)
  })
}

// What Go's syntax has and ours has not is no match, as if the line were not there.
function matches(pattern: string, name: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`).test(name)
  } catch {
    return false
  }
}
