import type { Family } from '../../addr/ip.ts'

/** A chain that sees forwarded packets and drops what none of its rules has accepted. */
export interface ForwardChain {
  /** "ip filter FORWARD", "inet firewalld filter_FORWARD", "iptables-legacy FORWARD" */
  readonly name: string
  /** "iptables": of iptables-nft, where `flatnet-cni sync` puts accept rules if it drops by default. */
  readonly owner: 'iptables' | 'legacy' | 'firewalld' | 'other'
  /** Undefined: it sees both. */
  readonly family: Family | undefined
  /** Whether its policy drops; otherwise a rule of it drops all that comes so far. */
  readonly isPolicy: boolean
  /** The chain in which accept rules belong: itself, or Docker's for administrators if it is jumped to. */
  readonly place: string
  /** Whether all that comes from and goes to our bridge is accepted before. */
  readonly accepts: boolean
  /** Whether, where it is not, some of it may be all the same: rules accept on other conditions. */
  readonly isDoubtful: boolean
}

/** What other firewalls do to packets that are only forwarded. */
export interface FirewallFacts {
  /** The families that containers of this host have. */
  readonly families: readonly Family[]
  /** Those that drop anything of these families. */
  readonly chains: readonly ForwardChain[]
  /** Families with filter rules of the old iptables, which nft does not show and no program here does. */
  readonly unseen: readonly Family[]
}
