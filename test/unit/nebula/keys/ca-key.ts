import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parseCertificates } from '../../../../src/nebula/certificate/parse.ts'
import { isEncryptedKey, readCaKey } from '../../../../src/nebula/keys/ca-key.ts'
import { keyPair } from '../../../fixtures/certificates.ts'

const FOLDER = join(import.meta.dirname, '../../../fixtures/nebula-certs')
const read = (name: string): string => readFileSync(join(FOLDER, name), 'utf8')
const PASSPHRASE = read('encrypted-ca/passphrase.txt').trim()

t.test('the passphrase opens a key that nebula-cert has encrypted, another one does not', async (t) => {
  for (const name of ['encrypted-ca/ca', 'encrypted-ca/ca-p256']) {
    const [certificate] = parseCertificates(read(`${name}.crt`), name)
    const pem = read(`${name}.key`)
    t.ok(isEncryptedKey(pem))
    t.same(readCaKey(pem, name, PASSPHRASE).publicKey(), Buffer.from(certificate?.publicKey ?? []), name)
    for (const wrong of ['', undefined, `${PASSPHRASE} `])
      t.throws(() => readCaKey(pem, 'ca.key', wrong), {
        message: 'wrong passphrase',
        details: /ca\.key: the passphrase does not open this key/,
      })
  }
})

t.test('a plain key needs none', async (t) => {
  const [certificate] = parseCertificates(read('v1-161/ca.crt'), 'ca')
  const pem = read('v1-161/ca.key')
  t.notOk(isEncryptedKey(pem))
  t.same(readCaKey(pem, 'ca', undefined).publicKey(), Buffer.from(certificate?.publicKey ?? []))
})

t.test('other keys and damaged ones are refused', async (t) => {
  t.throws(() => readCaKey(keyPair().pem, 'x', undefined), {
    name: 'CniError',
    details: /is the key of a host, not of a CA/,
  })
  const bytes = Buffer.from(read('encrypted-ca/ca.key').split('\n').slice(1, -2).join(''), 'base64')
  const banner = 'NEBULA ED25519 ENCRYPTED PRIVATE KEY-----'
  const pem = (changed: Buffer): string =>
    `-----BEGIN ${banner}\n${changed.toString('base64')}\n-----END ${banner}\n`
  t.throws(() => readCaKey(pem(bytes.subarray(0, 40)), 'x', PASSPHRASE), {
    name: 'CniError',
    details: /is damaged/,
  })
  const other = Buffer.from(bytes.toString('latin1').replace('AES-256-GCM', 'AES-512-GCM'), 'latin1')
  t.throws(() => readCaKey(pem(other), 'x', PASSPHRASE), {
    name: 'CniError',
    details: /encrypted in a way/,
  })
})
