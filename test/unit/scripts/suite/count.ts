import t from 'tap'
import { countTap } from '../../../../scripts/suite/count.ts'

t.test('a TAP stream is counted by its leaves', (t) => {
  const cases: [string, string, { passed: number; failed: number; skipped: number }][] = [
    ['two points', 'ok 1 - a\nok 2 - b\n1..2\n', { passed: 2, failed: 0, skipped: 0 }],
    ['a subtest', '    ok 1 - x\n    ok 2 - y\n    1..2\nok 1 - sub\n', { passed: 2, failed: 0, skipped: 0 }],
    [
      'a failed leaf',
      '    ok 1 - x\n    not ok 2 - y\nnot ok 1 - sub\n',
      { passed: 1, failed: 1, skipped: 0 },
    ],
    [
      'a subtest that fails by itself',
      '    ok 1 - x\nnot ok 1 - sub # time=3ms\n',
      { passed: 1, failed: 1, skipped: 0 },
    ],
    [
      'a file without points',
      'not ok 1 - file.ts\n  ---\n  timeout: 30\n  ...\n',
      { passed: 0, failed: 1, skipped: 0 },
    ],
    ['a skipped test', 'ok 1 - a # SKIP needs root\nok 2 - b\n', { passed: 1, failed: 0, skipped: 1 }],
    ['a failure marked as todo', 'not ok 1 - a # todo later\n', { passed: 0, failed: 0, skipped: 1 }],
    [
      'siblings after a deep subtest',
      '        ok 1 - x\n    ok 1 - y\n    ok 2 - z\nok 1 - sub\nok 2 - b\n',
      { passed: 3, failed: 0, skipped: 0 },
    ],
    ['nothing at all', '', { passed: 0, failed: 1, skipped: 0 }],
  ]
  for (const [what, text, expected] of cases) {
    const { notes: _, ...count } = countTap(text)
    t.strictSame(count, expected, what)
  }
  const { notes } = countTap('not ok 1 - a\n  ---\n  at: here\n  ...\nok 2 - b\n')
  t.strictSame(
    notes,
    ['not ok 1 - a', '  ---', '  at: here', '  ...'],
    'a failure is reported with its diagnosis',
  )
  t.end()
})
