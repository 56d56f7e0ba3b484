// Probes of one size on one lane in the order of sending: what became of each, and how many good or missed ones stand
// in a row at the end.

/** `late`: counted as lost, answered afterwards. */
export type Fate = 'waiting' | 'good' | 'lost' | 'late'

/** One probe. Times are monotonic milliseconds. */
export interface SentProbe {
  readonly sequence: number
  readonly nonce: string
  readonly sentAt: number
  /** From here on it counts as lost. */
  readonly lostAt: number
  fate: Fate
}

/** The last probes, oldest first, and how many of one kind stood in a row before them. Changes as time goes. */
export interface Row {
  readonly probes: SentProbe[]
  goodBefore: number
  missedBefore: number
  /** What was sent earlier does not count. */
  countFrom: number
}

// So many are kept at least, to tell an answer that comes twice from one that was never asked for.
const KEPT = 32
// So long a lost probe is kept, for its late answer.
const REMEMBERED_MS = 10_000

export function newRow(): Row {
  return { probes: [], goodBefore: 0, missedBefore: 0, countFrom: -Infinity }
}

/** Adds a probe and lets go of those that nothing can happen to any more. */
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

/** The probe that this is the answer to. */
export function findProbe({ probes }: Row, sequence: number, nonce: string): SentProbe | undefined {
  // It is mostly the last one.
  return probes.findLast((probe) => probe.sequence === sequence && probe.nonce === nonce)
}

/** Marks as lost what is unanswered at its time. @returns how many became lost */
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
 * Good probes in a row: up to the last one that was lost, late, or has been waiting for longer than `patienceMs`. Those
 * that are younger say nothing yet.
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

/** Unanswered probes in a row, lost or waiting for longer than `patienceMs`, up to the last answer, late or not. */
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

/** Begins anew: nothing that was sent before `now` is good, missed or lost any more. */
export function restartRow(row: Row, now: number): void {
  for (const probe of row.probes) if (probe.fate === 'waiting') probe.fate = 'lost'
  row.goodBefore = 0
  row.missedBefore = 0
  row.countFrom = now
}

function isSettled({ fate, lostAt }: SentProbe, now: number): boolean {
  return fate === 'good' || fate === 'late' || now > lostAt + REMEMBERED_MS
}
