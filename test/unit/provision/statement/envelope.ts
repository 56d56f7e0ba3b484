import t from 'tap'
import { caPool } from '../../../../src/nebula/certificate/ca-pool.ts'
import {
  MOST_STATEMENT_BYTES,
  signedStatement,
  verifiedStatement,
} from '../../../../src/provision/statement/envelope.ts'
import { testAuthority } from '../../../fixtures/certificates.ts'
import { P256, POOL, REVOKED, revocation, verifyDamaged } from '../../../fixtures/office/statements.ts'

t.test('what a CA of either curve signs is taken as it was said', async (t) => {
  const ed25519 = revocation()
  t.same(verifiedStatement(ed25519.text, POOL, 'x'), ed25519)
  const p256 = revocation({}, P256)
  t.same(verifiedStatement(p256.text, caPool(P256.pem, 'ca.crt'), 'x'), p256)
  t.match(verifiedStatement(revocation({ revoked: [] }).text, POOL, 'x').statement, { revoked: [] })
  const spread = JSON.stringify(JSON.parse(ed25519.text), null, 2)
  t.equal(verifiedStatement(spread, POOL, 'x').text, ed25519.text, 'every host passes on the same bytes')
})

t.test('what is not a statement of a known CA says so', async (t) => {
  const { text, statement } = revocation()
  const object = JSON.parse(text) as Record<string, unknown>
  const signed = (says: object): string =>
    signedStatement({ ...statement, ...says }, testAuthority().key, 'CURVE25519').text
  const cases: readonly (readonly [text: string, says: RegExp])[] = [
    ['', /x: is empty/],
    ['{}', /is not a statement: give the file that `host revoke` wrote/],
    [JSON.stringify({ ...object, flatnetStatement: 2 }), /is a statement of version 2/],
    [JSON.stringify({ ...object, signature: 7 }), /lacks what it says or its signature/],
    [JSON.stringify({ ...object, signature: '?' }), /signature is not base64/],
    [JSON.stringify({ ...object, signature: '' }), /changed or forged/],
    [JSON.stringify({ ...object, says: '\ud800' }), /has characters that are none/],
    [text.replace('host-b', 'host-a'), /changed or forged/],
    [revocation({}, P256).text, /is of the CA [0-9a-f]{64} \(office "flatnet"\), which is not in ca\.crt/],
    [revocation({}, { ...testAuthority(), key: P256.key, curve: 'P256' }).text, /changed or forged/],
    [' '.repeat(MOST_STATEMENT_BYTES + 1), /has more than 2097152 bytes/],
    [signed({ kind: 'greeting' }), /says something that this version of flatnet-cni does not know/],
    [signed({ sequence: -1 }), /sequence is not a number/],
    [signed({ at: 'a\u001b[31m' }), /at is not a text/],
    [signed({ revoked: {} }), /revoked is not a list of at most 8192 items/],
    [signed({ revoked: [{ ...REVOKED, fingerprint: 'AB' }] }), /fingerprint is not a fingerprint/],
    [signed({ revoked: ['x'] }), /name is not a text/],
  ]
  for (const [odd, says] of cases)
    t.throws(() => verifiedStatement(odd, POOL, 'x'), { name: 'CniError', details: says })
  const many = Array.from({ length: 20_000 }, () => REVOKED)
  t.throws(() => revocation({ revoked: many }), { message: 'statement too large' })
})

t.test('20,000 damaged statements: an error of ours, or the statement itself', async (t) => {
  t.same(verifyDamaged(20_261_130, 20_000), [])
})
