// What one call costs, as counts: instructions of the executable's own process (callgrind) and programs that
// it starts. Neither depends on the machine's speed or load, so a budget can hold them. The bench prints
// where they go: npm run bench -- --breakdown.

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Breakdown } from '../../../scripts/bench/calls/breakdown/breakdown.ts'
import { BUDGETS } from '../../../scripts/bench/calls/breakdown/budget.ts'

const ROOT = join(import.meta.dirname, '../../..')
// Other processors need other numbers of instructions.
const skip = process.arch === 'x64' ? false : 'the budgets are for x64'

t.test('VERSION, ADD and DEL keep to their budgets', { skip }, (t) => {
  const json = join(t.testdir(), 'breakdown.json')
  const bench = join(ROOT, 'scripts/bench/calls/main.ts')
  const options = ['--breakdown', '--only', 'version|port', '--runs', '1', '--json', json]
  const { status, stderr } = spawnSync(process.execPath, [bench, ...options], { encoding: 'utf8' })
  t.equal(status, 0, stderr)
  const { breakdown } = JSON.parse(readFileSync(json, 'utf8')) as { breakdown: readonly Breakdown[] }
  t.same(
    breakdown.map(({ id }) => id),
    ['version', 'port-add', 'port-del'],
  )
  for (const { id, counted, parts } of breakdown) {
    const { millions, programs } = BUDGETS[id]
    const own = (counted?.own ?? Infinity) / 1e6
    t.ok(own <= millions, `${id}: ${own.toFixed(1)} of ${millions} million instructions`)
    t.ok(own > millions / 2, `${id}: the count is that of the whole call`)
    t.ok((counted?.programs.length ?? Infinity) <= programs, `${id}: at most ${programs} programs`)
    t.equal(parts[0]?.what, 'start, until standard input is read', `${id}: the trace was understood`)
  }
  t.end()
})
