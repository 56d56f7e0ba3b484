// No private key ends up in the archive, from any file.
import t from 'tap'
import { withoutKeys } from '../../../../../src/cli/commands/bundle/keys.ts'

const SECRET = 'c2VjcmV0c2VjcmV0c2VjcmV0'

t.test('private keys are removed', async (t) => {
  for (const kind of [
    'NEBULA X25519',
    'NEBULA ED25519',
    'NEBULA ED25519 ENCRYPTED',
    'NEBULA P256',
    'OPENSSH',
    'RSA',
  ]) {
    const block = `-----BEGIN ${kind} PRIVATE KEY-----\n${SECRET}\n-----END ${kind} PRIVATE KEY-----`
    const indented = `pki:\n  key: |\n    ${block.replaceAll('\n', '\n    ')}\n  ca: /etc/nebula/ca.crt\n`
    t.equal(
      withoutKeys(indented),
      'pki:\n  key: |\n    (private key removed)\n  ca: /etc/nebula/ca.crt\n',
      kind,
    )
    const inJson = JSON.stringify({ key: `${block}\n`, cert: 'x' })
    t.notMatch(withoutKeys(inJson), SECRET)
    t.equal((JSON.parse(withoutKeys(inJson)) as { cert: string }).cert, 'x')
  }
})

t.test('a key without an end removes the rest of the text', async (t) => {
  t.equal(
    withoutKeys(`a\n-----BEGIN NEBULA X25519 PRIVATE KEY-----\n${SECRET}\n`),
    'a\n(private key removed)',
  )
})

t.test('certificates and public keys stay', async (t) => {
  const text =
    '-----BEGIN NEBULA CERTIFICATE-----\nAAAA\n-----END NEBULA CERTIFICATE-----\n' +
    '-----BEGIN NEBULA X25519 PUBLIC KEY-----\nBBBB\n'
  t.equal(withoutKeys(text), text)
})
