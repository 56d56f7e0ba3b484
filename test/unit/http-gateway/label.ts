import fc from 'fast-check'
import t from 'tap'
import { toLabel } from '../../../src/http-gateway/label.ts'

t.test('names as labels', async (t) => {
  for (const [name, label] of [
    ['web', 'web'],
    ['My_App.1', 'my-app-1'],
    ['a--b', 'a-b'],
    ['-a-', 'a'],
    ['web.', 'web'],
    ['日本', undefined],
    ['日本web', 'web'],
    ['', undefined],
    ['x'.repeat(80), 'x'.repeat(63)],
    [`${'x'.repeat(62)}-y`, 'x'.repeat(62)],
    [`-${'x'.repeat(80)}`, 'x'.repeat(63)],
  ] as const)
    t.equal(toLabel(name), label, name)
})

t.test('any name becomes a label that stays what it is, or none', async () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 100 }), (name) => {
      const label = toLabel(name)
      return (
        label === undefined ||
        (/^[a-z0-9]+(-[a-z0-9]+)*$/.test(label) && label.length <= 63 && toLabel(label) === label)
      )
    }),
  )
})
