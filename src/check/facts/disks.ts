/** The file system that one of our folders is on, or will be. */
export interface DiskFacts {
  /** "stateDir" */
  readonly use: string
  readonly path: string
  readonly freeBytes: number
  /** Undefined where the file system has no fixed number of them. */
  readonly freeInodes: number | undefined
  readonly isReadOnly: boolean
}

export type DisksFacts = readonly DiskFacts[]
