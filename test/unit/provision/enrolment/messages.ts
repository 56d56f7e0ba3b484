import t from 'tap'
import { readMutated } from '../../../../scripts/soak/messages.ts'
import { expected, readFromHost, readFromOffice } from '../../../../src/provision/enrolment/messages.ts'
import { readPublicKey } from '../../../../src/provision/enrolment/public-key.ts'
import {
  bytesOf,
  FROM_HOST,
  FROM_OFFICE,
  publicKeyPem,
  readAsHost,
  readAsOffice,
} from '../../../fixtures/office/messages.ts'

t.test('each side reads what the other sends, wherever the stream is cut', async (t) => {
  t.same(await readAsOffice(bytesOf(FROM_HOST)), FROM_HOST)
  t.same(await readAsHost(bytesOf(FROM_OFFICE)), FROM_OFFICE)
})

t.test('truncated, oversized and other streams are refused', async (t) => {
  const cases: readonly (readonly [bytes: Buffer, says: RegExp])[] = [
    [bytesOf(FROM_HOST).subarray(0, -1), /from the host: a message was cut off/],
    [Buffer.from('x'.repeat(5000)), /more than 4096 bytes/],
    [Buffer.from(`${'x'.repeat(5000)}\n`), /more than 4096 bytes/],
    [Buffer.from('null\n'), /not one object in JSON/],
    [Buffer.from([0xff, 0xfe, 0x0a]), /not one object in JSON/],
  ]
  for (const [bytes, says] of cases)
    await t.rejects(readAsOffice(bytes), { name: 'CniError', message: 'message not readable', details: says })
})

t.test('messages of another shape are refused', async (t) => {
  const request = { version: 1, kind: 'request', publicKey: 'x' }
  for (const [change, says] of [
    [{ version: 2 }, /another version of the protocol/],
    [{ kind: 'x' }, /unknown kind/],
    [{ publicKey: '' }, /publicKey is missing/],
    [{ publicKey: 'x'.repeat(5000) }, /publicKey is missing or has another form/],
    [{ more: 1 }, /an unknown key/],
  ] as const)
    t.throws(() => readFromHost({ ...request, ...change }), { name: 'CniError', details: says })
  const hello = { version: 1, ...FROM_OFFICE[0] }
  for (const [change, says] of [
    [{ curve: 'x' }, /curve is missing/],
    [{ time: 1.5 }, /time is missing/],
    [{ name: '../x' }, /"\.\.\/x"/],
  ] as const)
    t.throws(() => readFromOffice({ ...hello, ...change }), { name: 'CniError', details: says })
})

t.test('a message out of its turn, a refusal, and an end are errors', async (t) => {
  t.throws(() => expected({ kind: 'done' }, 'hello'), {
    name: 'CniError',
    details: /"done" came where "hello" is due/,
  })
  t.throws(() => expected({ kind: 'refused', message: 'no', details: 'why' }, 'hello'), {
    message: 'the office refuses: no',
    details: 'why',
  })
  t.throws(() => expected(undefined, 'hello'), { message: 'connection lost' })
})

t.test('public keys: of the right curve, and points on it', async (t) => {
  const key = publicKeyPem()
  t.equal(readPublicKey(`\n${key}`, 'CURVE25519').pem, key, 'canonical')
  t.equal(readPublicKey(publicKeyPem('P-256'), 'P256').bytes.length, 65)
  const pem = (banner: string, bytes: Buffer): string =>
    `-----BEGIN ${banner}-----\n${bytes.toString('base64')}\n-----END ${banner}-----\n`
  const cases: readonly (readonly [pem: string, says: RegExp])[] = [
    [publicKeyPem('P-256'), /is of curve P256, but this office uses CURVE25519/],
    [key + key, /is not one public key of Nebula/],
    [pem('NEBULA X25519 PRIVATE KEY', Buffer.alloc(32, 1)), /is not one public key of Nebula/],
    [pem('NEBULA X25519 PUBLIC KEY', Buffer.alloc(31, 1)), /is not a point/],
    [pem('NEBULA X25519 PUBLIC KEY', Buffer.alloc(32)), /is not a point/],
  ]
  for (const [text, says] of cases)
    t.throws(() => readPublicKey(text, 'CURVE25519'), { name: 'CniError', details: says })
  t.throws(() => readPublicKey(pem('NEBULA P256 PUBLIC KEY', Buffer.alloc(65, 4)), 'P256'), {
    name: 'CniError',
    details: /is not a point on P256/,
  })
})

t.test('2,000 mutated conversations: an error of ours, without a word of the key', async (t) => {
  t.same(await readMutated(20_261_130, 2000), [])
})
