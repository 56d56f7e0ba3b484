// Reads Nebula's firewall rules to decide whether given packets pass.

import { contains, covers, overlaps, parsePrefix, type Prefix } from '../../addr/prefix.ts'
import type { FirewallRule } from '../../nebula/configuration/parts.ts'

/** The traffic that should pass. `local` is the network on this side, `remote` the one on the other. */
interface Wanted {
  readonly local: Prefix
  readonly remote: Prefix
  readonly proto: 'udp' | 'tcp'
  readonly port: number
}

/**
 * Returns the rules that apply to this side's network.
 * @param ownOverlay what a rule without local_cidr applies to
 */
export function rulesForLocal(
  rules: readonly FirewallRule[],
  local: Prefix,
  isAny: boolean,
  ownOverlay: readonly Prefix[],
): readonly FirewallRule[] {
  return rules.filter(({ localCidr }) => {
    if (localCidr === undefined || localCidr === '') {
      return isAny || ownOverlay.some((own) => own.value === local.value && own.family === local.family)
    }
    if (localCidr === 'any') return true
    const network = parsePrefix(localCidr)
    return network !== undefined && covers(network, local)
  })
}

/** Tells whether one of these rules lets the traffic pass. */
export function lets(rules: readonly FirewallRule[], wanted: Wanted): boolean {
  return rules.some(
    (rule) => isProto(rule, wanted) && isPort(rule, wanted.port) && isRemote(rule, wanted.remote),
  )
}

function isProto({ proto }: FirewallRule, wanted: Wanted): boolean {
  return proto === 'any' || proto === wanted.proto
}

function isPort({ port }: FirewallRule, wanted: number): boolean {
  if (port === undefined || port === 'any' || port === '0') return true
  const [first = Number.NaN, last = first] = port.split('-').map((part) => Number(part.trim()))
  return first <= wanted && wanted <= last
}

// Any of host, group and cidr is enough (firewall.go, FirewallRule.match). The groups and names of peers are
// unknown here.
function isRemote({ host, groups, cidr }: FirewallRule, remote: Prefix): boolean {
  if (host !== undefined || groups.length > 0) return true
  if (cidr === undefined) return false
  if (cidr === 'any') return true
  const network = parsePrefix(cidr)
  return network !== undefined && (overlaps(network, remote) || contains(network, remote))
}
