import t from 'tap'
import { jsonHint } from '../../../src/config/json-hint.ts'
import { CniCode } from '../../../src/cni/error.ts'
import { parseObject } from '../../../src/config/shape.ts'

t.test('syntax that JSON lacks is named', async (t) => {
  const cases: readonly [text: string, says: RegExp][] = [
    ['{ // ours\n"a": 1}', /^; JSON has no comments, remove them$/],
    ['{ /* ours */ "a": 1}', /no comments/],
    ['# ours\n{"a": 1}', /no comments/],
    ['{ // naïve\n"a": 1}', /no comments/],
    ['{"a": 1,\n}', /^; JSON has no comma before/],
    ['{"a": [1, ]}', /no comma before/],
    ['{“a”: 1}', /^; U\+201C is allowed in strings only/],
    ['{"a":　1}', /^; U\+3000 is/],
    ['{"a":\u00a01}', /^; U\+00A0 is/],
    ["{'a': 1}", /^; JSON has no single quotation marks/],
    ['{"a": "http://x, }" 1}', /^$/],
    ['\uFEFF{}', /^; it begins with a byte order mark, remove it$/],
    ['{"a" 1}', /^$/],
    ['', /^$/],
  ]
  for (const [text, says] of cases) t.match(jsonHint(text), says, text)
})

t.test('the error includes the hint', async (t) => {
  t.throws(() => parseObject('{"a": 1,}', 'f.json'), {
    code: CniCode.DecodeFailure,
    details: /^f\.json: .*; JSON has no comma before/,
  })
})
