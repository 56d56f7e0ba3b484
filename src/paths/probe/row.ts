// Probes of one size on one lane in the order they were sent: the fate of each, and how many good or missed
// ones are in a row at the end.

/** `late`: counted as lost, then answered. */
type Fate = 'waiting' | 'good' | 'lost' | 'late'

/** One probe. Times are monotonic milliseconds. */
interface SentProbe {
  readonly sequence: number
  readonly nonce: string
  readonly sentAt: number
  /** The probe counts as lost from this time. */
  readonly lostAt: number
  fate: Fate
}

/**
 * The last probes, oldest first, and the lengths of the good and missed runs before them. Changes over time.
 */
export interface Row {
  readonly probes: SentProbe[]
  goodBefore: number
  missedBefore: number
  /** Probes sent earlier do not count. */
  countFrom: number
}

// The minimum number of probes to keep, to tell a duplicate answer from one that was never asked for.
const KEPT = 32
// How long to keep a lost probe for its late answer.
const REMEMBERED_MS = 10_000

export function newRow(): Row {
  return { probes: [], goodBefore: 0, missedBefore: 0, countFrom: -Infinity }
}

/** Adds a probe and drops old ones whose fate is final. */
export function addProbe(row: Row, probe: SentProbe): void {
  row.probes.push(probe)
  while (row.probes.length > KEPT) {
    const [first] = row.probes
    if (first === undefined || !isSettled(first, probe.sentAt)) return
    row.probes.shift()
    if (first.sentAt < row.countFrom) continue
    const isMissed = first.fate === 'lost' || first.fate === 'waiting'
    row.goodBefore = first.fate === 'good' ? row.goodBefore + 1 : 0
    row.missedBefore = isMissed ? row.missedBefore + 1 : 0
  }
}

/** Finds the probe that an answer belongs to. */
export function findProbe({ probes }: Row, sequence: number, nonce: string): SentProbe | undefined {
  // It is usually the last one.
  return probes.findLast((probe) => probe.sequence === sequence && probe.nonce === nonce)
}

/** Marks unanswered probes as lost when their time is up. @returns how many became lost */
export function expireProbes({ probes }: Row, now: number): number {
  let lost = 0
  for (const probe of probes) {
    if (probe.fate !== 'waiting' || now < probe.lostAt) continue
    probe.fate = 'lost'
    lost += 1
  }
  return lost
}

/**
 * Counts the good probes in a row, back to the last one that was lost, late, or has been waiting for longer
 * than `patienceMs`. Younger unanswered probes are skipped.
 */
export function goodInRow(row: Row, now: number, patienceMs: number): number {
  let good = 0
  for (let index = row.probes.length - 1; index >= 0; index--) {
    const probe = row.probes[index]
    if (probe === undefined || probe.sentAt < row.countFrom) return good
    if (probe.fate === 'good') good += 1
    else if (probe.fate !== 'waiting' || now - probe.sentAt > patienceMs) return good
  }
  return good + row.goodBefore
}

/**
 * Counts the unanswered probes in a row (lost, or waiting for longer than `patienceMs`), back to the last
 * answer, late or not.
 */
export function missedInRow(row: Row, now: number, patienceMs: number): number {
  let missed = 0
  for (let index = row.probes.length - 1; index >= 0; index--) {
    const probe = row.probes[index]
    if (probe === undefined || probe.sentAt < row.countFrom) return missed
    if (probe.fate === 'good' || probe.fate === 'late') return missed
    if (probe.fate === 'lost' || now - probe.sentAt > patienceMs) missed += 1
  }
  return missed + row.missedBefore
}

/** How many of the last `probes` were missed. */
interface Recent {
  readonly probes: number
  readonly missed: number
  /** The number of runs of misses, with an answer between any two. */
  readonly gaps: number
  /** When the first of them was sent; Infinity while there are too few. */
  readonly since: number
}

/**
 * Summarises the last probes with a known result: answered, lost, or waiting for longer than `patienceMs`. A
 * loss becomes certain only after seconds, but a path that drops every other packet must be noticed sooner.
 */
export function recentOf(row: Row, now: number, patienceMs: number, probes: number): Recent {
  let [known, missed, gaps, since] = [0, 0, 0, Infinity]
  let isGap = false
  for (let index = row.probes.length - 1; index >= 0 && known < probes; index--) {
    const probe = row.probes[index]
    if (probe === undefined || probe.sentAt < row.countFrom) break
    const isOpen = probe.fate === 'waiting' && now - probe.sentAt <= patienceMs
    if (isOpen) continue
    const isMissed = probe.fate === 'waiting' || probe.fate === 'lost'
    if (isMissed && !isGap) gaps += 1
    isGap = isMissed
    known += 1
    missed += isMissed ? 1 : 0
    since = probe.sentAt
  }
  return { probes, missed, gaps, since: known < probes ? Infinity : since }
}

/** Starts over: probes sent before `now` no longer count as good, missed or lost. */
export function restartRow(row: Row, now: number): void {
  for (const probe of row.probes) if (probe.fate === 'waiting') probe.fate = 'lost'
  row.goodBefore = 0
  row.missedBefore = 0
  row.countFrom = now
}

function isSettled({ fate, lostAt }: SentProbe, now: number): boolean {
  return fate === 'good' || fate === 'late' || now > lostAt + REMEMBERED_MS
}
