// Counts test results in TAP streams. A point that only sums up its subtest is not counted, unless it
// failed for another reason (a wrong plan, a timeout). TAP 14: testanything.org. Pure.

export interface Count {
  passed: number
  failed: number
  skipped: number
  /** The failed points with tap's diagnosis, and the reasons of the skipped ones. */
  readonly notes: string[]
}

const POINT = /^((?: {4})*)(not )?ok\b(.*)$/
const DIRECTIVE = /# ?(skip|todo)\b/i

/** Counts one TAP stream; a stream without any point counts as one failure. */
export function countTap(text: string): Count {
  const count: Count = { passed: 0, failed: 0, skipped: 0, notes: [] }
  let isTold = false
  // Per depth: the points and failures so far of the subtest that is being read there.
  const open: { points: number; failures: number }[] = []
  for (const line of text.split('\n')) {
    const match = POINT.exec(line)
    if (match === null) {
      // The indented block after a point is its diagnosis.
      if (isTold) count.notes.push(line)
      if (/^ *\.\.\.$/.test(line)) isTold = false
      continue
    }
    const depth = (match[1] ?? '').length / 4
    const children = open[depth + 1] ?? { points: 0, failures: 0 }
    open.length = depth + 1
    const own = (open[depth] ??= { points: 0, failures: 0 })
    own.points += 1
    const isExcused = DIRECTIVE.test(match[3] ?? '')
    const isFailure = match[2] !== undefined && !isExcused
    if (isFailure) own.failures += 1
    isTold = isFailure && children.failures === 0
    if (isTold) count.failed += 1
    else if (children.points === 0 && isExcused) count.skipped += 1
    else if (children.points === 0 && !isFailure) count.passed += 1
    if (isTold || (children.points === 0 && isExcused)) count.notes.push(line)
  }
  if (open.length === 0) {
    count.failed += 1
    count.notes.push('not ok - a test run without a single result')
  }
  return count
}
