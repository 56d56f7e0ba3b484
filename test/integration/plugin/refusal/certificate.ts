// Certificates that ADD must refuse. Each case replaces the files of a host on which ADD has worked before,
// so that a cache of the good ones cannot hide the bad ones.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { CA_PEM, forgedPem, hostPem, strangerPem } from '../../../fixtures/certificates.ts'
import { isRefused, isSilent, whyNoHost } from '../../../fixtures/host/cni.ts'
import { type Conf, makeHost } from '../../../fixtures/host/host.ts'

const NOW = Math.floor(Date.now() / 1000)
const DAY = 86_400

// Made with real nebula-cert (test/fixtures/nebula-certs/README.md).
const real = (path: string): string =>
  readFileSync(join(import.meta.dirname, '../../../fixtures/nebula-certs', path), 'utf8')

interface Case {
  readonly name: string
  /** undefined: no file. "/": a folder. */
  readonly cert?: string | undefined
  readonly ca?: string | undefined
  readonly conf?: Conf
  readonly code: number
  readonly says: RegExp
}

const good = hostPem()
// UTF-16 read byte by byte: NUL characters between the letters.
const wide = (text: string): string => Buffer.from(text, 'utf16le').toString('latin1')
const CASES: readonly Case[] = [
  {
    name: 'is missing',
    cert: undefined,
    code: 5,
    says: /host certificate missing: \S+host\.crt: no such file/,
  },
  { name: 'is a folder', cert: '/', code: 5, says: /host\.crt: is a folder, not a file/ },
  { name: 'has no CA file', cert: good, ca: undefined, code: 5, says: /CA certificate missing: \S+ca\.crt/ },
  { name: 'has a folder for a CA', cert: good, ca: '/', code: 5, says: /ca\.crt: is a folder, not a file/ },
  { name: 'is empty', cert: '', code: 6, says: /host\.crt: has no PEM block/ },
  { name: 'is cut off', cert: good.slice(0, 200), code: 6, says: /host\.crt: .* has no END line/ },
  { name: 'begins with a byte order mark', cert: `\uFEFF${good}`, code: 6, says: /byte order mark/ },
  { name: 'is UTF-16', cert: wide(good), code: 5, says: /host\.crt: is UTF-16LE text .*save it as UTF-8/ },
  { name: 'is a key', cert: real('v1-161/host-a.key'), code: 6, says: /host\.crt/ },
  { name: 'has its CA cut off', cert: good, ca: CA_PEM.slice(0, 90), code: 6, says: /ca\.crt/ },
  {
    name: 'is signed by another CA of the same name',
    cert: strangerPem(),
    code: 106,
    says: /Issuer: the CA \w+ is not/,
  },
  {
    name: 'is not signed with the CA’s key',
    cert: forgedPem(),
    code: 106,
    says: /Signature: does not match/,
  },
  {
    name: 'is of another CA that nebula-cert made',
    cert: real('v1-161-otherca/host-a.crt'),
    ca: real('v1-161/ca.crt'),
    code: 106,
    says: /Issuer: the CA \w+ is not in \S+ca\.crt/,
  },
  {
    name: 'is forged by hand under nebula-cert’s CA',
    cert: real('negative/forged-same-issuer-other-key.crt'),
    ca: real('negative/pool.crt'),
    code: 106,
    says: /Signature|NotBefore/,
  },
  { name: 'is a CA’s own', cert: real('v1-161/ca.crt'), code: 106, says: /CA certificate/ },
  {
    name: 'has expired',
    cert: hostPem({ notAfter: NOW - DAY }),
    code: 106,
    says: /NotAfter: expired \d{4}-/,
  },
  {
    name: 'is not valid yet',
    cert: hostPem({ notBefore: NOW + DAY }),
    code: 106,
    says: /NotBefore: valid from \d{4}-/,
  },
  { name: 'comes twice', cert: good + good, code: 106, says: /several certificates of one version/ },
  {
    name: 'has no subnet',
    cert: hostPem({ subnets: [] }),
    code: 106,
    says: /no subnet inside the pool .* none at all/,
  },
  {
    name: 'has its subnet outside the pool',
    cert: hostPem({ subnets: ['10.99.1.0/24'] }),
    code: 106,
    says: /no subnet inside the pool 10\.87\.0\.0\/16, the certificate has 10\.99\.1\.0\/24/,
  },
  {
    name: 'has two subnets in the pool',
    cert: hostPem({ subnets: ['10.87.1.0/24', '10.87.9.0/24'] }),
    code: 106,
    says: /10\.87\.1\.0\/24, 10\.87\.9\.0\/24 are all inside the pool/,
  },
  {
    name: 'has a subnet inside the overlay network',
    cert: hostPem({ subnets: ['10.86.9.0/24'] }),
    conf: { pool: '10.86.0.0/17' },
    code: 106,
    says: /10\.86\.9\.0\/24 overlaps the overlay network 10\.86\.0\.0\/16/,
  },
  {
    name: 'belongs to a gateway',
    cert: hostPem({ subnets: ['10.87.0.0/16'] }),
    code: 106,
    says: /certificate of a gateway/,
  },
  {
    name: 'has too small a subnet',
    cert: hostPem({ subnets: ['10.87.1.0/30'] }),
    code: 7,
    says: /10\.87\.1\.0\/30/,
  },
]

t.test('ADD refuses a certificate that', { skip: whyNoHost() }, async (t) => {
  const host = await makeHost(t)
  const put = (name: string, text: string | undefined): void => {
    const path = join(host.folder, name)
    rmSync(path, { recursive: true, force: true })
    if (text === '/') mkdirSync(path)
    else if (text !== undefined) writeFileSync(path, text)
  }
  const works = async (): Promise<void> => {
    const container = await host.container()
    await host.add(container)
    isSilent(t, await host.del(container), 'ADD works with the valid certificate')
  }
  await works()
  for (const each of CASES) {
    await t.test(each.name, async (t) => {
      put('host.crt', each.cert)
      put('ca.crt', 'ca' in each ? each.ca : CA_PEM)
      const container = await host.container()
      isRefused(t, await host.call('ADD', container, { conf: each.conf ?? {} }), each.code, each.says)
      t.same(await host.remains(), [], 'nothing is left')
      isSilent(t, await host.del(container), 'DEL')
    })
  }
  put('host.crt', good)
  put('ca.crt', CA_PEM)
  await works()
})
