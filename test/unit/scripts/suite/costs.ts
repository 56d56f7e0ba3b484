import t from 'tap'
import { costComment, costsWithin, slowest, sumOf } from '../../../../scripts/suite/costs.ts'

const [A, B, C] = [
  { name: 'a.ts', wallS: 1, cpuS: 0.5 },
  { name: 'b.ts', wallS: 90.25, cpuS: 2 },
  { name: 'c.ts', wallS: 3, cpuS: 2.5 },
] as const

t.test('the lines of in-process.ts about its files are read, and no others', (t) => {
  const tap = `# ${costComment(A)}\nok 1 - a\n    # cost of living\n# cost of living\n# ${costComment(B)}\n`
  t.same(costsWithin(tap), [A, B])
  t.end()
})

t.test('the slowest come first', (t) => {
  t.same(slowest([A, B, C], 2), ['   90.3 s wall     2.0 s CPU  b.ts', '    3.0 s wall     2.5 s CPU  c.ts'])
  t.same(sumOf('all', [A, B, C]), { name: 'all', wallS: 94.25, cpuS: 5 })
  t.end()
})
