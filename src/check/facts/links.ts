import type { Prefix } from '../../addr/prefix.ts'

/** One link in the host's network namespace. */
export interface LinkFacts {
  readonly name: string
  readonly isUp: boolean
  readonly hasCarrier: boolean
  readonly mtuBytes: number
  /** The name of the bridge that this link is a port of. */
  readonly master: string | undefined
  /** With the prefix length of their network, host bits kept; link-local ones included. */
  readonly addresses: readonly Prefix[]
}

/** All links, ours and all others. */
export type LinksFacts = readonly LinkFacts[]
