import t from 'tap'
import { CniCode, CniError } from '../../../src/cni/error.ts'
import { renderError } from '../../../src/cni/failure.ts'

t.test('an error object has the configuration’s version if readable, else the newest', async (t) => {
  const error = new CniError(CniCode.InvalidConfig, 'wrong', 'because')
  for (const [stdin, cniVersion] of [
    ['{"cniVersion": "0.2.0", "name": 7', '0.2.0'],
    ['{"cniVersion":"9.9.9"}', '9.9.9'],
    ['{"cniVersion": 1}', '1.1.0'],
    ['', '1.1.0'],
  ] as const) {
    t.same(JSON.parse(renderError(error, stdin)), { cniVersion, code: 7, msg: 'wrong', details: 'because' })
  }
})

t.test('absent details are left out', async (t) => {
  t.same(Object.keys(JSON.parse(renderError(new CniError(CniCode.TryAgainLater, 'later'), '')) as object), [
    'cniVersion',
    'code',
    'msg',
  ])
})

t.test('anything but a CniError is a bug, reported without its stack', async (t) => {
  const told = renderError(new TypeError('boom'), '')
  t.match(JSON.parse(told), { code: 999, msg: 'internal error', details: /^TypeError: boom/ })
  t.notMatch(told, /\bat .*\.ts/)
  t.match(JSON.parse(renderError('a text', '')), { code: 999, details: /^a text/ })
})
