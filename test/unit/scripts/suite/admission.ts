import t from 'tap'
import { mayStart } from '../../../../scripts/suite/admission.ts'

const cases: [string, number, number, boolean][] = [
  ['two for each core, however busy the machine is', 3, 0, true],
  ['no further one while all processors are busy', 4, 0.1, false],
  ['a further one while there is room', 4, 0.5, true],
  ['never more than four for each core', 8, 1, false],
]
for (const [name, running, idleShare, expected] of cases) {
  t.test(name, (t) => {
    t.equal(mayStart({ running, cores: 2, idleShare }), expected)
    t.end()
  })
}
