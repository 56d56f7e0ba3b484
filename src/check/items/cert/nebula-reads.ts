// CERT-017: Nebula can read the version of the certificates.

import type { Certificate } from '../../../nebula/certificate.ts'
import { checkItem } from '../../item.ts'
import { isAtLeast } from '../../version.ts'

const LEAST = '1.10.0'

export const nebulaReadsItem = checkItem({
  id: 'CERT-017',
  title: 'this Nebula reads certificates of their version',
  why: 'Nebula before 1.10 knows no certificate of version 2: it does not start with one, and a single CA of version 2 in the bundle is enough.',
  causes: ['nebula-cert 1.10 and later makes CAs of version 2, and hosts of the version of their CA.'],
  steps: [
    'install Nebula 1.10.2 or newer from https://github.com/slackhq/nebula/releases and restart it',
    'or sign version 1: nebula-cert ca -version 1, nebula-cert sign -version 1',
  ],
  needs: ['certificates', 'nebula'],
  after: ['CERT-001', 'CERT-002'],
  judge: ({ certificates: { ca, host }, nebula: { own, installed } }) => {
    const version = own?.version ?? installed?.version
    if (version === undefined) return { verdict: 'skip', seen: 'no Nebula here tells its version' }
    const newer = [
      // Of the host's file an old Nebula reads the first block alone.
      ...host.certificates.slice(0, 1).filter(isNewer).map(() => ({ subject: 'host certificate', path: host.path })),
      ...ca.certificates.filter(isNewer).slice(0, 1).map(() => ({ subject: 'CA certificate', path: ca.path })),
    ] // prettier-ignore
    if (newer.length === 0 || isAtLeast(version, LEAST)) return { verdict: 'ok', seen: `Nebula ${version}` }
    return newer.map(({ subject, path }) => ({
      verdict: 'fail',
      subject,
      seen: `${path} has a certificate of version 2, which Nebula ${version} cannot read`,
    }))
  },
})

function isNewer({ version }: Certificate): boolean {
  return version === 2
}
