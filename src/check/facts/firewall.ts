import type { Family } from '../../addr/ip.ts'

/** What other firewalls do to packets that are only forwarded. */
export interface FirewallFacts {
  /** iptables' chains that drop by default (Docker's doing) and whether our bridge's accept rules are in them. */
  readonly dropping: readonly { readonly family: Family; readonly chain: string; readonly accepts: boolean }[]
  /** Other base chains of the forward hook that drop by default: "inet filter forward". */
  readonly foreign: readonly string[]
  /** Whether the kernel has filter rules of the old iptables, which nft does not see. */
  readonly hasLegacy: boolean
}
