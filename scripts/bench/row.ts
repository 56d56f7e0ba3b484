// One line of the bench's table.

/** What was measured, against what, and what it is to reach. */
export interface RowPlan {
  /** Stable: what --only and readers of the JSON file go by. */
  readonly id: string
  readonly what: string
  readonly against: string
  /** Highest ratio that meets the goal; left out where there is none. */
  readonly goal?: number
  /** How the measurement departs from what the row says. */
  readonly note?: string
}

/** One measurement: milliseconds on the clock, and of processor time in steps of 10 ms. */
export interface Sample {
  readonly ms: number
  readonly cpuMs: number
}

/** Measurements, pair by pair. `broken` says what made the row fail whatever its figures are. */
export interface Row extends RowPlan {
  readonly ours: readonly Sample[]
  readonly theirs: readonly Sample[]
  readonly broken?: string
}

/** What a scenario is given. */
export interface Bench {
  /** Folder on the disk for everything the bench writes. */
  readonly work: string
  /** The executable under test: a copy, so that a build meanwhile changes nothing. */
  readonly executable: string
  /** Node's own executable, of the version that ours contains. */
  readonly bareNode: string
  /** Number of pairs. */
  readonly runs: number
  readonly progress: (line: string) => void
}

/** Rows that are measured in one go. */
export interface Scenario {
  readonly ids: readonly string[]
  readonly measure: (bench: Bench) => Promise<readonly Row[]>
}
