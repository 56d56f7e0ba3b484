import type { Prefix } from '../../addr/prefix.ts'

/** One link of the host's network namespace. */
export interface LinkFacts {
  readonly name: string
  readonly isUp: boolean
  readonly hasCarrier: boolean
  readonly mtuBytes: number
  /** Name of the bridge that it is a port of. */
  readonly master: string | undefined
  /** With the length of their network, host bits kept; link-local ones too. */
  readonly addresses: readonly Prefix[]
}

/** All links, ours and everybody's. */
export type LinksFacts = readonly LinkFacts[]
