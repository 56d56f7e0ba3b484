import t from 'tap'
import { touchData } from '../../../../../src/cli/commands/join/text.ts'

t.test('a touch has the same keys in JSON however it went', async (t) => {
  t.same(touchData({ kind: 'answers', lighthouse: 'lh1' }), { kind: 'answers', lighthouses: ['lh1'] })
  const silent = { kind: 'silent', lighthouses: ['lh1', 'lh2'] } as const
  t.same(touchData(silent), silent)
  for (const kind of ['down', 'alone'] as const) t.same(touchData({ kind }), { kind, lighthouses: [] })
})
