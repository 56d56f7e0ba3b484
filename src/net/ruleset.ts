// Our nft rules as the text of one transaction, and what has to be added where another firewall drops by default.

import type { Family } from '../addr/ip.ts'
import { formatPrefix, type Prefix } from '../addr/prefix.ts'
import { familyName, TABLE } from './nft-table.ts'
import { renderHairpin, renderPortRules } from './port-rules.ts'

/** What the rules of one bridge follow from. */
export interface RulesetInputs {
  readonly bridge: string
  /** This host's container subnets, one per family at most. */
  readonly subnets: readonly Prefix[]
  /** Subnets of earlier certificates that containers still use. */
  readonly earlier?: readonly Prefix[]
  /** Destinations that see the container's own address: the pools and the overlay networks. */
  readonly unmasked: readonly Prefix[]
  readonly ipMasq: boolean
  /** Whether nothing passes between this bridge and the other ones of ours. */
  readonly isolation: boolean
  /** The host's own addresses, no two of which overlap. */
  readonly local: readonly Prefix[]
}

// RFC 5771 and RFC 4291 section 2.7: multicast keeps its source; RFC 919: so does the limited broadcast.
const NEVER_MASKED: Readonly<Record<Family, readonly string[]>> = {
  4: ['224.0.0.0/4', '255.255.255.255'],
  6: ['ff00::/8', 'fe80::/10'],
}

/**
 * One transaction that makes the rules of this bridge so, whatever was there: add is content with what exists,
 * flush empties our own chains only. Chains are named after the bridge so that two networks do not undo each other.
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

// A published port of the other network is a way between the two as well and is closed with the rest.
function renderIsolation(chain: string, bridge: string): readonly string[] {
  return [
    `add rule ${chain} iifname "${bridge}" oifname @bridges oifname != "${bridge}" drop`,
    `add rule ${chain} oifname "${bridge}" iifname @bridges iifname != "${bridge}" drop`,
  ]
}

/**
 * Lists our table; fails when it is not there. It needs a process of its own: nft 1.0.6 loads only the table that a
 * "list table" names, for every command of the process.
 */
export function listTable(family: Family): string {
  return `list table ${familyName(family)} ${TABLE}\n`
}

/** Lists all chains, for {@link droppingChains}. */
export function listChains(families: readonly Family[]): string {
  return families.map((family) => `list chains ${familyName(family)}\n`).join('')
}

/** iptables' FORWARD of one family, where it drops by default. */
export interface DroppingChain {
  readonly family: Family
  /** Whether there is Docker's chain for administrators, DOCKER-USER. */
  readonly hasUserChain: boolean
}

/**
 * Finds iptables' FORWARD chains with policy drop (Docker sets it) in a `list chains` text. Every base chain of a
 * hook has to accept a packet, so an accept of our own table cannot help.
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
 * Lists FORWARD, and DOCKER-USER where it is there, for {@link acceptRules}. Each needs a process of its own: nft 1.0.6 loads
 * only the last chain that a process is asked for.
 */
export function listForward({ family, hasUserChain }: DroppingChain): readonly string[] {
  const chains = ['FORWARD', ...(hasUserChain ? ['DOCKER-USER'] : [])]
  return chains.map((chain) => `list chain ${familyName(family)} filter ${chain}\n`)
}

/**
 * The accept rules for this bridge that the listings of {@link listForward} lack; empty when they are all there. Docker
 * rewrites FORWARD and leaves DOCKER-USER to the administrator, so they belong there, unless nothing leads to it any more.
 * Plain matches on link names only: iptables-nft refuses to show a table with expressions that it would not write itself.
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
        `insert rule ${familyName(family)} filter ${chain} ${key} "${bridge}" counter accept comment "flatnet"\n`,
    )
    .join('')
}

function escape(text: string): string {
  return text.replaceAll(/[.+]/g, String.raw`\$&`)
}
