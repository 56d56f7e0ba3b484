/** One program that flatnet-cni runs. */
export interface ProgramFacts {
  /** "6.1.0"; undefined where there is no program, or none that says its version. */
  readonly version: string | undefined
  /** What it said, or why it could not be run. */
  readonly said: string
}

export interface ProgramsFacts {
  readonly ip: ProgramFacts
  readonly nft: ProgramFacts
}
