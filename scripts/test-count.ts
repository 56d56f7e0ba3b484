// Counts what was tested: reads TAP streams and prints `N passed, N failed, N skipped`. A point that only sums up its
// subtest is not counted, unless it failed by itself (a wrong plan, a timeout). TAP 14: testanything.org.
// Usage: node scripts/test-count.ts [--failed NAME]… FILE…; each --failed is a step that has no TAP stream.
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

export interface Count {
  passed: number
  failed: number
  skipped: number
  /** The failed points with what tap says about them, and the reasons of the skipped ones. */
  readonly notes: string[]
}

const POINT = /^((?: {4})*)(not )?ok\b(.*)$/
const DIRECTIVE = /# ?(skip|todo)\b/i

/** Counts one TAP stream; a stream without a single point counts as one failure. */
export function countTap(text: string): Count {
  const count: Count = { passed: 0, failed: 0, skipped: 0, notes: [] }
  let isTold = false
  // Per depth: what the points of the subtest that is being read there came to so far.
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

function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { failed: { type: 'string', multiple: true, default: [] } },
  })
  const total = { passed: 0, failed: values.failed.length, skipped: 0 }
  for (const path of positionals) {
    const count = countTap(readFileSync(path, 'utf8'))
    total.passed += count.passed
    total.failed += count.failed
    total.skipped += count.skipped
    for (const note of count.notes) process.stdout.write(`${note}\n`)
  }
  for (const step of values.failed) process.stdout.write(`failed: ${step}\n`)
  process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`)
  process.exitCode = total.failed === 0 ? 0 : 1
}

if (import.meta.main) main()
