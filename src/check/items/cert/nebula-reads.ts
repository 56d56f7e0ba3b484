// CERT-017: the running Nebula can read this version of certificates.

import type { Certificate } from '../../../nebula/certificate/certificate.ts'
import { checkItem } from '../../item.ts'
import { isAtLeast } from '../../../program-version.ts'

const LEAST = '1.10.0'

export const nebulaReadsItem = checkItem({
  id: 'CERT-017',
  title: 'Nebula can read certificates of this version',
  fault: 'Nebula cannot read certificates of this version',
  why:
    'Nebula before 1.10 cannot read certificates of version 2. ' +
    'It does not start if the host certificate, or any CA in the bundle, is one.',
  causes: [
    'nebula-cert 1.10 and later makes CAs of version 2, and signs hosts with the version of their CA.',
  ],
  steps: [
    'install Nebula 1.10.2 or newer from https://github.com/slackhq/nebula/releases and restart it',
    'or sign version 1: nebula-cert ca -version 1, nebula-cert sign -version 1',
  ],
  needs: ['certificates', 'nebula'],
  after: ['CERT-001', 'CERT-002'],
  judge: ({ certificates: { ca, host }, nebula: { own, installed } }) => {
    const version = own?.version ?? installed?.version
    if (version === undefined) return { verdict: 'skip', seen: 'the version of Nebula is unknown' }
    const newer = [
      // An old Nebula reads only the first block of the host's file.
      ...(host.certificates.slice(0, 1).some(isNewer)
        ? [{ subject: 'host certificate', path: host.path }]
        : []),
      ...(ca.certificates.some(isNewer) ? [{ subject: 'CA certificate', path: ca.path }] : []),
    ]
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
