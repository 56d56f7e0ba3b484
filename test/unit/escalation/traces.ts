// Recorded faults, each with the transitions that two agents make of it from the first fault on.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import t from 'tap'

import { type Scenario, simulate } from '../../fixtures/escalation-world.ts'

interface Trace extends Scenario {
  readonly about: string
  /** "host phase reason" */
  readonly transitions: readonly string[]
}

const FOLDER = join(import.meta.dirname, '../../fixtures/escalation')

for (const file of readdirSync(FOLDER)) {
  const trace = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Trace
  const begin = Math.min(...trace.faults.map(({ at }) => at))
  t.test(trace.about, async (t) => {
    const seen = simulate(trace).filter(({ at }) => at >= begin)
    t.same(
      seen.map(({ host, to, reason }) => `${host} ${to} ${reason}`),
      trace.transitions,
    )
  })
}
