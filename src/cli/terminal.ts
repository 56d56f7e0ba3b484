// The terminal as a command sees it, and the ways to report progress on it.

/** Colours by meaning; each function returns the text unchanged where there is no colour. */
export interface Theme {
  readonly good: (text: string) => string
  readonly bad: (text: string) => string
  readonly warn: (text: string) => string
  readonly dim: (text: string) => string
  readonly strong: (text: string) => string
}

export interface Terminal {
  /** A user is present and can answer a question. */
  readonly isInteractive: boolean
  readonly theme: Theme
  /** Prints one of many events while the command runs: one line of JSON with --json. */
  readonly emit: (data: object, render: (theme: Theme) => string) => void
  /** Shows the current activity, on a terminal only; the next call replaces it, and "" erases it. */
  readonly progress: (text: string) => void
  /** Prints something besides the answer on standard error, whether or not it is a terminal. */
  readonly note: (text: string) => void
  /** Asks for confirmation; returns false when no user is present. */
  readonly confirm: (question: string) => Promise<boolean>
  /**
   * Asks for a secret without showing it; without a terminal, reads one line of standard input. Returns
   * undefined when none comes.
   */
  readonly secret: (question: string) => Promise<string | undefined>
  /** Aborted when the reader disconnects or Ctrl-C is pressed; endless commands stop then. */
  readonly gone: AbortSignal
}
