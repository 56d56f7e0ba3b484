// Decides when the next test file starts. Pure.

/** How many files run now, and how busy the machine was in the last moment. */
interface Moment {
  readonly running: number
  readonly cores: number
  /** The share of all processors that was idle, 0 to 1. */
  readonly idleShare: number
}

// A lab waits most of its time, so two per core fit beside other work, and four where a core is idle. More
// would only make all of them late.
const LEAST_PER_CORE = 2
const MOST_PER_CORE = 4
const IDLE_ENOUGH = 0.3

/**
 * Tells whether one more may start: always two per core, and further ones while processors are idle. Files
 * that wait and files that compute mix this way, and a busy machine gets no more than it can handle.
 */
export function mayStart({ running, cores, idleShare }: Moment): boolean {
  if (running < cores * LEAST_PER_CORE) return true
  return running < cores * MOST_PER_CORE && idleShare >= IDLE_ENOUGH
}
