// The first process inside the bench's namespaces: hides the machine's settings, measures, and
// writes the report.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { breakDown } from './breakdown/breakdown.ts'
import type { Orders } from './enclosure.ts'
import { makeOutside } from './host/links.ts'
import { BARE_NODE, describeMachine } from './host/machine.ts'
import { finishRow, type FinishedRow, type Report } from './report.ts'
import type { Bench } from './row.ts'
import { scenariosFor } from './scenarios.ts'

// The machine's own settings must not affect either side. /run also holds the lock of iptables.
const HIDDEN = ['/run', '/etc/flatnet']

async function measure(orders: Orders): Promise<Report> {
  const started = new Date().toISOString()
  for (const folder of HIDDEN) {
    if (existsSync(folder)) execFileSync('mount', ['-t', 'tmpfs', '-o', 'mode=0755', 'tmpfs', folder])
  }
  mkdirSync('/run/netns')
  makeOutside()
  const pattern = new RegExp(orders.only)
  const bench: Bench = { ...orders, bareNode: BARE_NODE, progress: say }
  if (orders.breakdown) {
    const breakdown = await breakDown(bench, pattern)
    return {
      version: 1,
      started,
      machine: describeMachine(orders.executable),
      rows: [],
      breakdown,
      failures: [],
    }
  }
  const rows: FinishedRow[] = []
  const failures: string[] = []
  for (const { ids, measure: measureScenario } of scenariosFor(pattern)) {
    say(ids.join(', '))
    try {
      const measured = await measureScenario(bench)
      for (const row of measured.filter(({ id }) => pattern.test(id)).map(finishRow)) {
        rows.push(row)
        say(`${row.id}: ${row.oursMedianMs.toFixed(1)} ms, ratio ${row.ratio.toFixed(2)} ${row.verdict}`)
      }
    } catch (error) {
      failures.push(`${ids.join(', ')}: ${error instanceof Error ? error.message : String(error)}`)
      say(`failed: ${failures.at(-1) ?? ''}`)
    }
  }
  const machine = describeMachine(orders.executable)
  return { version: 1, started, machine, rows, breakdown: [], failures }
}

function say(line: string): void {
  process.stderr.write(`bench: ${line}\n`)
}

const orders = JSON.parse(process.argv[2] ?? '') as Orders
process.on('disconnect', () => {
  // The parent was killed, so the folder is ours to remove.
  rmSync(orders.work, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
  process.exit(1)
})
void measure(orders).then(
  (report) => process.send?.(report, () => process.exit(0)),
  (error: unknown) => {
    say(error instanceof Error ? (error.stack ?? error.message) : String(error))
    process.exit(1)
  },
)
