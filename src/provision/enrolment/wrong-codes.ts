// Counts wrong codes by the address they come from, and says how long its next connection has to wait. A
// code has 128 random bits, so guessing is hopeless at any pace. The pause keeps one machine from taking all
// of the processor, and never delays another machine.

const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 8000
const MOST_ADDRESSES = 1000

/** Counts of one invitation. */
export interface WrongCodes {
  readonly add: (address: string) => void
  readonly total: () => number
  /** Milliseconds before the next handshake with an address. */
  readonly pauseMs: (address: string) => number
}

/** Returns counts of zero. */
export function countWrongCodes(): WrongCodes {
  const counts = new Map<string, number>()
  let total = 0
  return {
    add: (address) => {
      total += 1
      const count = (counts.get(address) ?? 0) + 1
      counts.delete(address)
      counts.set(address, count)
      const [oldest] = counts.keys()
      if (counts.size > MOST_ADDRESSES && oldest !== undefined) counts.delete(oldest)
    },
    total: () => total,
    pauseMs: (address) => {
      const count = counts.get(address) ?? 0
      return count === 0 ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** (count - 1), LONGEST_PAUSE_MS)
    },
  }
}
