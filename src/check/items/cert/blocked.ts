// CERT-015: the host certificate is not on the blocklist.

import { checkItem, type Finding } from '../../item.ts'

export const blockedItem = checkItem({
  id: 'CERT-015',
  title: 'host certificate is not on the blocklist',
  fault: 'host certificate is on the blocklist',
  why: 'Every host with the same pki.blocklist refuses this one.',
  causes: ['The certificate was lost or replaced, then blocked, and is still in use here.'],
  steps: ['sign a new certificate for a new key, put both in place and reload Nebula'],
  needs: ['certificates'],
  after: ['CERT-001', 'CERT-002'],
  judge: ({ certificates: { host, refusal } }): Finding | readonly Finding[] => {
    if (host.certificates.length === 0) return []
    if (refusal?.kind === 'blocklisted') return { verdict: 'fail', seen: refusal.reason }
    return {
      verdict: 'ok',
      seen: host.certificates.map(({ fingerprint }) => fingerprint.slice(0, 16)).join(', '),
    }
  },
})
