import t from 'tap'

import { CniCode } from '../../../../src/cni/error.ts'
import { quoted, refused, undecodable } from '../../../../src/nebula/certificate/refusal.ts'

t.test('the two errors differ in code and message and begin with the position', (t) => {
  t.match(undecodable('/x.crt', 'why'), {
    code: CniCode.DecodeFailure,
    message: 'certificate not readable',
    details: '/x.crt: why',
  })
  t.match(refused('/x.crt', 'why'), {
    code: CniCode.CertificateRefused,
    message: 'certificate refused',
    details: '/x.crt: why',
  })
  t.end()
})

t.test('foreign text is shortened and cannot control a terminal', (t) => {
  const cases: readonly (readonly [text: string, shown: string])[] = [
    ['host-a', '"host-a"'],
    ['ünï 😀', '"ünï 😀"'],
    ['a"b\\', '"a\\"b\\\\"'],
    ['\u001b[2J\n', '"\\u001b[2J\\n"'],
    ['\u009b2J\u007f', '"\\u009b2J\\u007f"'],
    ['a\u202eb\u2066c\u2028', '"a\\u202eb\\u2066c\\u2028"'],
    ['x'.repeat(81), `"${'x'.repeat(80)}…"`],
  ]
  for (const [text, shown] of cases) t.equal(quoted(text), shown)
  t.end()
})
