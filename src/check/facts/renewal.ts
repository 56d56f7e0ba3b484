// The renewed certificate of this host that was not taken yet.

export interface RenewalFacts {
  /** What it changes besides the time, in words; empty where none waits for consent. */
  readonly differences: readonly string[]
}
