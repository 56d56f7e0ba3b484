// CERT-001: the files are there.

import type { CertificateFile } from '../../facts/certificates.ts'
import { checkItem, type Finding } from '../../item.ts'

export const filesItem = checkItem({
  id: 'CERT-001',
  title: 'CA and host certificate are there',
  why: "The host's container subnet stands in its certificate and nowhere else: without the two files no container gets an address.",
  causes: [
    'Nebula has them in another folder or by another name than /etc/nebula/ca.crt and host.crt.',
    'The host was never joined: nobody has signed a certificate for it.',
  ],
  steps: [
    'ls /etc/nebula; set the paths in /etc/flatnet/flatnet.json: {"nebula": {"ca": "…", "cert": "…"}}'.replaceAll(
      '…',
      '...',
    ),
    'nebula-cert sign -name HOST -networks 10.86.N.1/16 -unsafe-networks 10.87.N.0/24   # where the CA key is',
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
