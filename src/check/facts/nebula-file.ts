// Nebula's own configuration file: whether it is readable, and which one is in use.

export interface NebulaFileFacts {
  readonly state: 'read' | 'absent' | 'damaged'
  readonly path: string
  /** Sentences about settings that Nebula would not understand. */
  readonly problems: readonly string[]
  /**
   * The path in flatnet's settings. It differs from `path` when the running Nebula was given another file.
   */
  readonly settingsPath: string
}
