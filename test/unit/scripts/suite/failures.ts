import t from 'tap'
import { countTap } from '../../../../scripts/suite/count.ts'
import { failureLines } from '../../../../scripts/suite/failures.ts'

t.test('the last lines say what failed', (t) => {
  const tap =
    '    not ok 1 - ip link: exit code 2\n      ---\n      at: here\n      ...\nnot ok 1 - sub # time=3ms\n'
  t.same(failureLines('a.ts', countTap(tap)), ['failed: a.ts: ip link: exit code 2'])
  t.same(failureLines('a.ts', countTap('not ok 1 - sub # time=3.25ms\n')), ['failed: a.ts: sub'])
  t.same(failureLines('a.ts', { notes: [] }), ['failed: a.ts'])
  const many = Array.from({ length: 5 }, (_, at) => `not ok ${String(at)} - ${String(at)}${'x'.repeat(400)}`)
  const lines = failureLines('a.ts', { notes: many })
  t.equal(lines.length, 4)
  t.equal(lines[0]?.length, 'failed: a.ts: '.length + 300)
  t.equal(lines[3], 'failed: a.ts: and 2 more')
  t.same(
    failureLines('a.ts', countTap('')),
    ['failed: a.ts: a test run without a single result'],
    'a file that ended without a word',
  )
  t.end()
})
