// Our nft rules as the text of one transaction, and the rules to add where another firewall drops by default.

import type { Family } from '../addr/ip.ts'
import { formatPrefix, type Prefix } from '../addr/prefix.ts'
import { familyName, TABLE } from './nft-table.ts'
import { renderHairpin, renderPortRules } from './ports/rules.ts'

/** The inputs of the rules for one bridge. */
interface RulesetInputs {
  readonly bridge: string
  /** This host's container subnets, at most one per family. */
  readonly subnets: readonly Prefix[]
  /** Subnets of earlier certificates that containers still use. */
  readonly earlier?: readonly Prefix[]
  /** Destinations that see the container's own address: the pools and the overlay networks. */
  readonly unmasked: readonly Prefix[]
  readonly ipMasq: boolean
  /** Whether traffic between this bridge and our other bridges is blocked. */
  readonly isolation: boolean
  /** The host's own addresses, without overlaps. */
  readonly local: readonly Prefix[]
}

// Multicast keeps its source (RFC 5771, RFC 4291 section 2.7), and so does the limited broadcast (RFC 919).
const NEVER_MASKED: Readonly<Record<Family, readonly string[]>> = {
  4: ['224.0.0.0/4', '255.255.255.255'],
  6: ['ff00::/8', 'fe80::/10'],
}

/**
 * Renders one transaction that sets the rules of this bridge, regardless of the previous state: add accepts
 * existing objects, and flush empties only our own chains. Chains are named after the bridge, so that two
 * networks do not overwrite each other.
 */
export function renderRuleset(inputs: RulesetInputs): string {
  return inputs.subnets.map((subnet) => renderFamily(inputs, subnet)).join('')
}

function renderFamily(inputs: RulesetInputs, subnet: Prefix): string {
  const { bridge } = inputs
  const ip = familyName(subnet.family)
  const nat = `${ip} ${TABLE} nat-${bridge}`
  const forward = `${ip} ${TABLE} forward-${bridge}`
  const same = inputs.unmasked.filter(({ family }) => family === subnet.family).map(formatPrefix)
  const kept = [...same, ...NEVER_MASKED[subnet.family]].join(', ')
  const earlier = (inputs.earlier ?? []).filter(({ family }) => family === subnet.family)
  const sources = [subnet, ...earlier].map(formatPrefix)
  const source = sources.length === 1 ? sources.join() : `{ ${sources.join(', ')} }`
  const masquerade =
    `add rule ${nat} ${ip} saddr ${source} ${ip} daddr != { ${kept} }` + ` oifname != "${bridge}" masquerade`
  // `rt mtu` lowers the MSS to what the route's link carries and never raises it (nft(8), TCP OPTIONS).
  const clamp = 'tcp flags syn / syn,rst tcp option maxseg size set rt mtu'
  const lines = [
    `add chain ${nat} { type nat hook postrouting priority srcnat; policy accept; }`,
    `add chain ${forward} { type filter hook forward priority mangle; policy accept; }`,
    `flush chain ${nat}`,
    `flush chain ${forward}`,
    ...renderHairpin(nat, { bridge, family: subnet.family, source }),
    ...(inputs.ipMasq ? [masquerade] : []),
    ...(inputs.isolation ? renderIsolation(forward, bridge) : []),
    `add rule ${forward} iifname "${bridge}" ${clamp}`,
    `add rule ${forward} oifname "${bridge}" ${clamp}`,
  ]
  const ports = renderPortRules({ family: subnet.family, bridge, local: inputs.local })
  return `add table ${ip} ${TABLE}\n${ports}${lines.join('\n')}\n`
}

// A published port is open to all, including containers on another network. Such connections have a
// translated destination ("dnat" status, in both directions).
function renderIsolation(chain: string, bridge: string): readonly string[] {
  const direct = 'ct status & dnat == 0'
  return [
    `add rule ${chain} iifname "${bridge}" oifname @bridges oifname != "${bridge}" ${direct} drop`,
    `add rule ${chain} oifname "${bridge}" iifname @bridges iifname != "${bridge}" ${direct} drop`,
  ]
}

/**
 * Renders the command that lists our table; it fails if the table does not exist. It needs its own process:
 * if a process has a "list table" command, nft 1.0.6 loads only that table for all its commands.
 */
export function listTable(family: Family): string {
  return `list table ${familyName(family)} ${TABLE}\n`
}

/**
 * Renders the command that lists all tables of a family, for {@link ownTable}. `nft --terse` 1.0.6 reads all
 * elements for "list table", which takes 0.4 s with 10,000 ports, but none of them for "list ruleset".
 */
export function listTables(family: Family): string {
  return `list ruleset ${familyName(family)}\n`
}

/**
 * Returns our table from the output of {@link listTables}, as {@link listTable} prints it;
 * undefined if missing.
 */
export function ownTable(listing: string, family: Family): string | undefined {
  return new RegExp(`^table ${familyName(family)} ${TABLE} \\{\\n[\\s\\S]*?^\\}\\n`, 'm').exec(listing)?.[0]
}

/** Renders the commands that list all chains, for {@link droppingChains}. */
export function listChains(families: readonly Family[]): string {
  return families.map((family) => `list chains ${familyName(family)}\n`).join('')
}

/** iptables' FORWARD chain of one family that drops by default. */
interface DroppingChain {
  readonly family: Family
  /** Whether DOCKER-USER, Docker's chain for administrators, exists. */
  readonly hasUserChain: boolean
}

/**
 * Finds iptables' FORWARD chains with policy drop (Docker sets it) in the output of `list chains`. A packet
 * must be accepted by every base chain of a hook, so an accept in our own table does not help.
 */
export function droppingChains(listing: string): readonly DroppingChain[] {
  const found: DroppingChain[] = []
  for (const family of [4, 6] as const) {
    const table = new RegExp(`^table ${familyName(family)} filter \\{\\n([\\s\\S]*?)^\\}`, 'm').exec(
      listing,
    )?.[1]
    if (table === undefined || !/chain FORWARD \{\s*type filter hook forward [^}]*policy drop;/.test(table))
      continue
    found.push({ family, hasUserChain: /^\s*chain DOCKER-USER \{/m.test(table) })
  }
  return found
}

/**
 * Renders the commands that list FORWARD and, if it exists, DOCKER-USER, for {@link acceptRules}. Each needs
 * its own process, because nft 1.0.6 loads only the last chain that a process names.
 */
export function listForward({ family, hasUserChain }: DroppingChain): readonly string[] {
  const chains = ['FORWARD', ...(hasUserChain ? ['DOCKER-USER'] : [])]
  return chains.map((chain) => `list chain ${familyName(family)} filter ${chain}\n`)
}

/**
 * Returns the accept rules for this bridge that the listings of {@link listForward} lack; empty if none is
 * missing. Docker rewrites FORWARD and leaves DOCKER-USER to the administrator, so the rules go there unless
 * no rule jumps to it. They match only link names, because iptables-nft refuses to show a table with
 * expressions that it would not write itself.
 */
export function acceptRules({ family }: DroppingChain, listing: string, bridge: string): string {
  const bodyOf = (chain: string): string =>
    new RegExp(`^\\tchain ${chain} \\{\\n([\\s\\S]*?)^\\t\\}`, 'm').exec(listing)?.[1] ?? ''
  const isCalled = /^\s*(counter packets \d+ bytes \d+ )?jump DOCKER-USER$/m.test(bodyOf('FORWARD'))
  const chain = isCalled ? 'DOCKER-USER' : 'FORWARD'
  return ['iifname', 'oifname']
    .filter(
      (key) =>
        !new RegExp(`^\\s*${key} "${escape(bridge)}" .*accept comment "flatnet"$`, 'm').test(bodyOf(chain)),
    )
    .map(
      (key) =>
        `insert rule ${familyName(family)} filter ${chain} ${key} "${bridge}" counter accept ` +
        `comment "flatnet"\n`,
    )
    .join('')
}

function escape(text: string): string {
  return text.replaceAll(/[.+]/g, String.raw`\$&`)
}
