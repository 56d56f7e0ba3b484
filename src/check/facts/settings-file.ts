/** The settings file as found on disk. */
export interface SettingsFileFacts {
  readonly path: string
  readonly isThere: boolean
  /** What is wrong with the file, naming the key; undefined when it is usable. */
  readonly problem: string | undefined
}
