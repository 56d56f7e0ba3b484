/** The settings file as it was found. */
export interface SettingsFileFacts {
  readonly path: string
  readonly isThere: boolean
  /** What is wrong with it, naming the key; undefined when it can be used. */
  readonly problem: string | undefined
}
