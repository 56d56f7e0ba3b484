// One line of the bench's table.

/** What a row measures, what it is compared with, and its goal. */
interface RowPlan {
  /** Stable, because --only and readers of the JSON file use it. */
  readonly id: string
  readonly what: string
  readonly against: string
  /** The highest ratio that meets the goal; absent where there is none. */
  readonly goal?: number
  /** How the measurement differs from the row's title. */
  readonly note?: string
}

/** One measurement: wall-clock milliseconds, and CPU time in steps of 10 ms. */
export interface Sample {
  readonly ms: number
  readonly cpuMs: number
}

/** Measurements, pair by pair. `broken` tells why the row failed, regardless of its figures. */
export interface Row extends RowPlan {
  readonly ours: readonly Sample[]
  readonly theirs: readonly Sample[]
  readonly broken?: string
}

/** The input of a scenario. */
export interface Bench {
  /** The folder on disk for everything that the bench writes. */
  readonly work: string
  /** The executable under test: a copy, so that a build in the meantime changes nothing. */
  readonly executable: string
  /** Node's own executable, in the version that ours contains. */
  readonly bareNode: string
  /** The number of pairs. */
  readonly runs: number
  readonly progress: (line: string) => void
}

/** Rows that are measured together. */
export interface Scenario {
  readonly ids: readonly string[]
  readonly measure: (bench: Bench) => Promise<readonly Row[]>
}
