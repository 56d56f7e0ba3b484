// Recorded faults and how two agents react to each (fixtures/simulation/trace.ts records them again).

import t from 'tap'

import { readTraces, replay } from '../../../fixtures/simulation/trace.ts'

for (const trace of readTraces().values())
  t.test(trace.about, async (t) => {
    t.same(replay(trace), trace.transitions)
  })
