// CERT-001: the certificate files exist.

import type { CertificateFile } from '../../facts/certificates.ts'
import { checkItem, type Finding } from '../../item.ts'

export const filesItem = checkItem({
  id: 'CERT-001',
  title: 'CA and host certificates exist',
  fault: 'certificate file is missing',
  why:
    "The host's container subnet is in its certificate and nowhere else: " +
    'without both files no container gets an address.',
  causes: [
    'Nebula keeps them in another folder or under other names than /etc/nebula/ca.crt and host.crt.',
    'The host has not joined yet: no certificate was signed for it.',
  ],
  steps: [
    'ls /etc/nebula; set the paths in /etc/flatnet/flatnet.json: {"nebula": {"ca": "...", "cert": "..."}}',
    'nebula-cert sign -name HOST -networks 10.86.N.1/16 -unsafe-networks 10.87.N.0/24   # where ' +
      'the CA key is',
  ],
  needs: ['certificates', 'settings'],
  after: ['SYS-001'],
  judge: ({ certificates: { ca, host } }) => [found('CA certificate', ca), found('host certificate', host)],
})

function found(subject: string, { path, isThere }: CertificateFile): Finding {
  return isThere
    ? { verdict: 'ok', subject, seen: path }
    : { verdict: 'fail', subject, seen: `${path}: no such file` }
}
