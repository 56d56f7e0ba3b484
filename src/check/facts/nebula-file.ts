// Nebula's own configuration as a file: whether it can be read, and which it is.

export interface NebulaFileFacts {
  readonly state: 'read' | 'absent' | 'damaged'
  readonly path: string
  /** Sentences about what Nebula would not understand. */
  readonly problems: readonly string[]
  /** The path in flatnet's settings; another one than `path` where the running Nebula was given another. */
  readonly settingsPath: string
}
