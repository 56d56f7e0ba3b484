// The kernel features that flatnet-cni needs, as commands to try in an empty network namespace.

import { TABLE } from './nft-table.ts'

/** A kind of link, its modules where they are not built in, and the `ip` arguments that create one. */
interface LinkNeed {
  readonly feature: string
  readonly modules: readonly string[]
  readonly command: string
}

export const KERNEL_LINKS: readonly LinkNeed[] = [
  { feature: 'veth', modules: ['veth'], command: 'link add name trial0 type veth peer name trial1' },
  { feature: 'bridge', modules: ['bridge'], command: 'link add name trial2 type bridge' },
  { feature: 'tun', modules: ['tun'], command: 'tuntap add dev trial3 mode tun' },
]

/**
 * An nf_tables feature, and a complete text that uses that feature only. The texts can be loaded together.
 */
interface RuleNeed {
  readonly feature: string
  readonly modules: readonly string[]
  readonly text: string
}

const BASE = `add table ip ${TABLE}
add chain ip ${TABLE} late { type nat hook postrouting priority srcnat; }
add chain ip ${TABLE} way { type filter hook forward priority mangle; }
add chain ip ${TABLE} first { type filter hook prerouting priority raw; }
add chain ip ${TABLE} early { type nat hook prerouting priority dstnat; }
`

export const KERNEL_RULES: readonly RuleNeed[] = [
  { feature: 'nft tables and chains', modules: ['nf_tables', 'nft_chain_nat'], text: BASE },
  { feature: 'nft masquerade', modules: ['nft_masq'], text: `${BASE}add rule ip ${TABLE} late masquerade` },
  { feature: 'nft ct', modules: ['nft_ct'], text: `${BASE}add rule ip ${TABLE} late ct status dnat accept` },
  {
    feature: 'nft ct zone',
    modules: ['nft_ct'],
    text: `${BASE}add rule ip ${TABLE} first ct original zone set 1`,
  },
  {
    feature: 'nft nat by map',
    modules: ['nft_nat'],
    text: `${BASE}add map ip ${TABLE} ports { type inet_proto . inet_service : ipv4_addr . inet_service; }
add rule ip ${TABLE} early dnat ip addr . port to meta l4proto . th dport map @ports`,
  },
  {
    feature: 'nft MSS clamp',
    modules: ['nft_exthdr'],
    text: `${BASE}add rule ip ${TABLE} way tcp flags syn / syn,rst tcp option maxseg size set rt mtu`,
  },
]

/** One feature that the kernel was asked for in a temporary network namespace. */
export interface KernelTrial {
  /** "bridge", "tun", "nft masquerade", … */
  readonly feature: string
  readonly works: boolean
  /** The message of `ip` or `nft` when the feature does not work. */
  readonly said: string
}

/** Returns the modules of a feature, where it is not built into the kernel. */
export function modulesOf(feature: string): readonly string[] {
  return [...KERNEL_LINKS, ...KERNEL_RULES].find((each) => each.feature === feature)?.modules ?? []
}
