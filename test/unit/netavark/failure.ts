import t from 'tap'
import { CniCode, CniError } from '../../../src/cni/error.ts'
import { renderNetavarkError } from '../../../src/netavark/failure.ts'

const textOf = (error: unknown, notes?: readonly string[]): string => {
  const value = JSON.parse(renderNetavarkError(error, notes)) as { error: string }
  t.same(Object.keys(value), ['error'], 'one key and no other')
  return value.error
}

t.test('message and details, with any content', async (t) => {
  const details = `/etc/nebula/host.crt: "x"\n証明書 ${'y'.repeat(10_000)}`
  t.equal(
    textOf(new CniError(CniCode.CertificateRefused, 'certificate refused', details)),
    `certificate refused: ${details}`,
  )
  t.equal(textOf(new CniError(CniCode.RangeExhausted, 'range exhausted')), 'range exhausted')
  t.match(textOf(new TypeError('oops')), /^internal error: TypeError: oops/)
})

t.test('no words that podman takes for a missing command', async (t) => {
  const details = 'namespace=/run/netns/x: no such file; Error: No such file or directory; Command not found'
  t.notMatch(textOf(new CniError(CniCode.IoFailure, 'not found', details)), /not found|no such file/i)
})

t.test('what could not be undone is reported too', async (t) => {
  t.equal(textOf(new CniError(CniCode.IoFailure, 'a', 'b'), ['not undone: c']), 'a: b; not undone: c')
})
