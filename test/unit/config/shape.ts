import t from 'tap'
import { CniCode } from '../../../src/cni/error.ts'
import { parseObject } from '../../../src/config/shape.ts'

function nested(levels: number): string {
  return `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`
}

t.test('JSON may be nested as deep as any use needs, but only as deep as we can write it again', (t) => {
  t.type(parseObject(nested(99), 'here')['a'], Array)
  for (const levels of [100, 101, 5_000, 200_000]) {
    t.throws(() => parseObject(nested(levels), 'here'), {
      code: CniCode.DecodeFailure,
      message: 'JSON is nested too deeply',
      details: /^here: /,
    })
  }
  t.end()
})
