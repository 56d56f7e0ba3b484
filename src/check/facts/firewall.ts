import type { Family } from '../../addr/ip.ts'

/** A chain that sees forwarded packets and drops those that none of its rules accepted. */
export interface ForwardChain {
  /** "ip filter FORWARD", "inet firewalld filter_FORWARD", "iptables-legacy FORWARD" */
  readonly name: string
  /**
   * "iptables" means iptables-nft: `flatnet-cni sync` adds accept rules there if the chain drops by default.
   */
  readonly owner: 'iptables' | 'legacy' | 'firewalld' | 'other'
  /** Undefined when the chain sees both families. */
  readonly family: Family | undefined
  /** Whether the policy drops; otherwise one of its rules drops every packet that gets that far. */
  readonly isPolicy: boolean
  /**
   * The chain where accept rules belong: this one, or Docker's chain for administrators if this one jumps to
   * it.
   */
  readonly place: string
  /** Whether an earlier rule accepts everything that comes from or goes to our bridge. */
  readonly accepts: boolean
  /** If not, whether some of that traffic may still pass because rules accept it under other conditions. */
  readonly isDoubtful: boolean
}

/** What other firewalls do to packets that are only forwarded. */
export interface FirewallFacts {
  /** The address families that this host's containers use. */
  readonly families: readonly Family[]
  /** The chains that drop any traffic of these families. */
  readonly chains: readonly ForwardChain[]
  /** Families with filter rules of legacy iptables. nft does not show them, and no installed program does. */
  readonly unseen: readonly Family[]
}
