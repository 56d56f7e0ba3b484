/** A program that flatnet-cni runs. */
export interface ProgramFacts {
  /** "6.1.0"; undefined where the program is missing or does not report a version. */
  readonly version: string | undefined
  /** The program's output, or why it could not be run. */
  readonly said: string
}

export interface ProgramsFacts {
  readonly ip: ProgramFacts
  readonly nft: ProgramFacts
}
