import t from 'tap'

import { formatPrefix } from '../../../../src/addr/prefix.ts'
import { parseCertificates } from '../../../../src/nebula/certificate/parse.ts'
import { formatTime } from '../../../../src/nebula/certificate/verify.ts'
import { file, filesEndingIn, refuses } from '../fixtures/files.ts'

/** The output of `nebula-cert print -json`, in the form of 1.11. */
interface Printed {
  readonly version: 1 | 2
  readonly fingerprint: string
  readonly signature: string
  readonly publicKey?: string
  readonly curve?: string
  readonly details: {
    readonly name: string
    readonly networks: string[] | null
    readonly unsafeNetworks: string[] | null
    readonly groups: string[] | null
    readonly isCa: boolean
    readonly issuer: string
    readonly notBefore: string
    readonly notAfter: string
    readonly publicKey?: string
    readonly curve?: string
  }
}

t.test('every certificate made by nebula-cert reads as nebula-cert 1.11 prints it', (t) => {
  const printed = filesEndingIn('.print-1.11.json')
  t.ok(printed.length >= 30, 'the fixtures are there')
  for (const path of printed) {
    const certificates = parseCertificates(file(path.replace('.print-1.11.json', '.crt')), path)
    const seen = certificates.map((certificate) => ({
      version: certificate.version,
      name: certificate.name,
      networks: certificate.networks.map(formatPrefix),
      unsafeNetworks: certificate.unsafeNetworks.map(formatPrefix),
      groups: certificate.groups,
      isCa: certificate.isCa,
      issuer: certificate.issuer,
      notBefore: formatTime(certificate.notBefore),
      notAfter: formatTime(certificate.notAfter),
      curve: certificate.curve,
      publicKey: Buffer.from(certificate.publicKey).toString('hex'),
      signature: Buffer.from(certificate.signature).toString('hex'),
      fingerprint: certificate.fingerprint,
    }))
    const expected = (JSON.parse(file(path)) as Printed[]).map(({ details, ...outer }) => ({
      version: outer.version,
      name: details.name,
      networks: details.networks ?? [],
      unsafeNetworks: details.unsafeNetworks ?? [],
      groups: details.groups ?? [],
      isCa: details.isCa,
      issuer: details.issuer,
      notBefore: details.notBefore,
      notAfter: details.notAfter,
      curve: outer.curve ?? details.curve,
      publicKey: outer.publicKey ?? details.publicKey,
      signature: outer.signature,
      fingerprint: outer.fingerprint,
    }))
    t.same(seen, expected, path)
  }
  t.end()
})

t.test('every certificate made by nebula-cert 1.6.1 has the fingerprint that 1.6.1 prints', (t) => {
  for (const path of filesEndingIn('.print-1.6.1.json')) {
    const [certificate] = parseCertificates(file(path.replace('.print-1.6.1.json', '.crt')), path)
    t.equal(certificate?.fingerprint, (JSON.parse(file(path)) as Printed).fingerprint, path)
  }
  t.end()
})

t.test('a block that is not a certificate is refused with its banner', (t) => {
  const cases: readonly (readonly [text: string, banner: string])[] = [
    [file('negative/pem-wrong-banner.crt'), '"CERTIFICATE"'],
    [file('v1-161/host-a.key'), '"NEBULA X25519 PRIVATE KEY"'],
    [file('v1-161/inpub.pub'), '"NEBULA X25519 PUBLIC KEY"'],
    [file('encrypted-ca/ca.key'), '"NEBULA ED25519 ENCRYPTED PRIVATE KEY"'],
  ]
  for (const [text, banner] of cases) {
    refuses(
      t,
      () => parseCertificates(text, '/etc/x.crt'),
      'DecodeFailure',
      '/etc/x.crt',
      banner,
      '.crt file',
    )
  }
  t.end()
})

t.test('in a file with several blocks the bad one is named', (t) => {
  const text = file('v1-161/host-a.crt') + file('negative/short-pubkey.crt')
  refuses(t, () => parseCertificates(text, '/etc/x.crt'), 'DecodeFailure', '/etc/x.crt, block 2: PublicKey')
  t.end()
})
