import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import t from 'tap'

import { otherForm } from '../../../../src/nebula/certificate/p256.ts'
import { der } from '../fixtures/issue.ts'

const ORDER = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'
const hex = (text: string): Buffer => Buffer.from(text, 'hex')
const scalars = (r: string, s: string): Buffer => der(0x30, [der(2, [hex(r)]), der(2, [hex(s)])])

t.test('the other form verifies, differs, and leads back to the first', (t) => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const publicKey = createPublicKey(privateKey)
  // Many, because the length of both numbers varies.
  for (let index = 0; index < 100; index++) {
    const message = Buffer.from(`message ${String(index)}`)
    const signature = sign('sha256', message, privateKey)
    const other = otherForm(signature)
    if (other === undefined) throw new Error(`no other form of ${signature.toString('hex')}`)
    const seen = [verify('sha256', message, publicKey, other), other.equals(signature), otherForm(other)]
    if (!seen[0] || seen[1] || !signature.equals(seen[2] as Buffer))
      t.fail(signature.toString('hex'), { seen })
  }
  t.end()
})

t.test('short and full scalars are converted with the right length', (t) => {
  const below = (ORDER.slice(0, -2) + '50').padStart(66, '0')
  t.same(otherForm(scalars('01', '01')), scalars('01', below))
  t.same(otherForm(scalars('01', below)), scalars('01', '01'))
  t.same(otherForm(scalars(below, '0080')), scalars(below, `00${ORDER.slice(0, -4)}24d1`))
  t.end()
})

t.test('anything but a DER signature has no other form', (t) => {
  const cases: readonly (readonly [signature: Buffer, says: string])[] = [
    [Buffer.of(), 'nothing'],
    [Buffer.alloc(64), 'an Ed25519 signature'],
    [scalars('00', '01'), 'r is 0'],
    [scalars('01', '00'), 's is 0'],
    [scalars(`00${ORDER}`, '01'), 'r is the order'],
    [scalars('01', `00${ORDER}`), 's is the order'],
    [scalars('01', '80'), 'a negative number'],
    [scalars('01', '0001'), 'a number with a leading zero'],
    [scalars('01', '00'.repeat(5000)), 'a very long number'],
    [scalars('01', `01${'00'.repeat(33)}`), 'a number of 34 bytes'],
    [scalars('01', ''), 'an empty number'],
    [der(0x30, [der(2, [hex('01')])]), 'one number'],
    [der(0x30, [der(2, [hex('01')]), der(2, [hex('01')]), der(2, [hex('01')])]), 'three numbers'],
    [der(0x30, [der(2, [hex('01')]), der(4, [hex('01')])]), 'a string for a number'],
    [der(0x31, [der(2, [hex('01')]), der(2, [hex('01')])]), 'a set'],
    [Buffer.concat([scalars('01', '01'), Buffer.of(0)]), 'a rest of one byte'],
    [Buffer.concat([scalars('01', '01'), scalars('01', '01')]), 'two signatures'],
    [Buffer.concat([hex('308106'), scalars('01', '01').subarray(2)]), 'a long length'],
    [der(0x30, [hex('0201')]), 'a number cut off'],
  ]
  for (const [signature, says] of cases) t.equal(otherForm(signature), undefined, says)
  t.end()
})
