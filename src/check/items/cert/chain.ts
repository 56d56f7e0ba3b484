// CERT-004: the host certificate is signed by the CA.

import { checkItem, type Finding } from '../../item.ts'

export const chainItem = checkItem({
  id: 'CERT-004',
  title: 'host certificate is signed by the CA',
  fault: 'host certificate is not signed by a known CA',
  why:
    'Hosts trust nothing but this signature: other hosts refuse what their CA has not signed, ' +
    'and this host assigns no addresses.',
  causes: [
    'A new CA was made with the same name; fingerprints count, names do not.',
    'The ca.crt of another installation was copied here.',
    'The certificate was changed after signing, or exceeds what the CA allows.',
  ],
  steps: [
    'nebula-cert verify -ca /etc/nebula/ca.crt -crt /etc/nebula/host.crt',
    'copy the right ca.crt here, or add it to the bundle; or sign the host again with this CA',
  ],
  needs: ['certificates'],
  after: ['CERT-001', 'CERT-002', 'CERT-003'],
  judge: ({ certificates: { ca, host, refusal } }): Finding | readonly Finding[] => {
    const [certificate] = host.certificates
    if (certificate === undefined || ca.certificates.length === 0) return []
    const isOfTime = refusal?.kind === 'expired' || refusal?.kind === 'not-yet-valid'
    if (refusal !== undefined && !isOfTime && refusal.kind !== 'blocklisted')
      return { verdict: 'fail', seen: refusal.reason }
    const authority = ca.certificates.find(({ fingerprint }) => fingerprint === certificate.issuer)
    return { verdict: 'ok', seen: `CA ${certificate.issuer.slice(0, 16)} ${authority?.name ?? ''}`.trimEnd() }
  },
})
