// What a command may know of the terminal it talks to, and how it tells of itself while it works.

/** Colours as words of meaning; each returns the text as it is where there is no colour. */
export interface Theme {
  readonly good: (text: string) => string
  readonly bad: (text: string) => string
  readonly warn: (text: string) => string
  readonly dim: (text: string) => string
  readonly strong: (text: string) => string
}

export interface Terminal {
  /** Somebody sits there and can answer a question. */
  readonly isInteractive: boolean
  readonly theme: Theme
  /** Prints one event of many while the command goes on: one line of JSON with --json. */
  readonly emit: (data: object, render: (theme: Theme) => string) => void
  /** Shows what is being done, on a terminal only; the next one takes its place, "" takes it away. */
  readonly progress: (text: string) => void
  /** Asks; false as well when nobody is there to answer. */
  readonly confirm: (question: string) => Promise<boolean>
  /** Aborted when the reader has gone or Ctrl-C was pressed: what goes on for ever ends then. */
  readonly gone: AbortSignal
}
