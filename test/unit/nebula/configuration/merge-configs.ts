import t from 'tap'

import { mergeConfigs } from '../../../../src/nebula/configuration/merge-configs.ts'

t.test('files are merged as Nebula merges its folder', (t) => {
  const cases: readonly (readonly [says: string, files: unknown[], merged: unknown])[] = [
    ['none', [], undefined],
    ['one', [{ a: 1 }], { a: 1 }],
    ['the later file takes precedence', [{ a: 1, b: 2 }, { a: 3 }], { a: 3, b: 2 }],
    ['objects are merged by key', [{ a: { x: 1, y: 2 } }, { a: { y: 3 } }], { a: { x: 1, y: 3 } }],
    ['lists are joined', [{ a: [1] }, { a: [2] }], { a: [2, 1] }],
    [
      'empty values give way',
      [
        { a: true, b: 5 },
        { a: false, b: null },
      ],
      { a: true, b: 5 },
    ],
    ['an empty file', [{ a: 1 }, null, undefined], { a: 1 }],
    ['different kinds', [{ a: [1] }, { a: { x: 1 } }], { a: { x: 1 } }],
    [
      'no key reaches the prototype',
      [JSON.parse('{"__proto__": {"a": 1}}'), {}],
      JSON.parse('{"__proto__": {"a": 1}}'),
    ],
  ]
  for (const [says, files, merged] of cases) t.strictSame(mergeConfigs(files), merged, says)
  t.equal(({} as { a?: number }).a, undefined)
  t.end()
})
