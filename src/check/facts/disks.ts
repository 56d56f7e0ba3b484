/** The file system that holds, or will hold, one of our folders. */
export interface DiskFacts {
  /** "stateDir" */
  readonly use: string
  readonly path: string
  readonly freeBytes: number
  /** Undefined where the file system has no fixed number of inodes. */
  readonly freeInodes: number | undefined
  /** Why the folder is not writable, with the path that blocks it; undefined when it is. */
  readonly problem: string | undefined
}

export type DisksFacts = readonly DiskFacts[]
