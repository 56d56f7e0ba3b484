// Compares VERSION with the start of Node itself, the lower bound for any program inside a Node executable.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { unzip } from '../process/pairs.ts'
import type { Sample, Scenario } from '../row.ts'
import { withHosts } from './with-hosts.ts'

export const versionScenario: Scenario = {
  ids: ['version'],
  measure: (bench) =>
    withHosts(bench, ['version-us', 'version-ref'], async (us, reference) => {
      const empty = join(bench.work, 'empty.cjs')
      writeFileSync(empty, '')
      const pairs: [Sample, Sample][] = []
      // Short enough to measure twice as often as the others.
      for (let round = -2; round < bench.runs * 2; round++) {
        const our = await us.program([bench.executable], { CNI_COMMAND: 'VERSION' })
        const their = await reference.program([bench.bareNode, empty])
        if (round >= 0) pairs.push([our, their])
      }
      return [
        {
          id: 'version',
          what: 'VERSION',
          against: 'bare node of the same version, empty script',
          goal: 0.8,
          ...unzip(pairs),
        },
      ]
    }),
}
