// CERT-007: the CA certificates have not expired.

import { quoted } from '../../../nebula/certificate/refusal.ts'
import { checkItem, type Finding } from '../../item.ts'
import { daysUntil, lifetimeText } from '../../../nebula/hosts/lifetime.ts'

// Every host needs a new certificate before the CA expires, so the warning comes early.
const WARN_DAYS = 60

export const caExpiryItem = checkItem({
  id: 'CERT-007',
  title: 'CA has not expired',
  fault: 'CA has expired',
  why: 'When the CA expires, everything it signed becomes invalid, on every host at the same moment.',
  causes: ['nebula-cert ca makes a CA valid for one year unless -duration says otherwise.'],
  steps: [
    'on the office machine: flatnet-cni ca rotate   # in steps; each says what follows',
    'without an office, where the CA is kept: nebula-cert ca -name NAME -duration 43800h   # a new CA',
    'then append it to ca.crt on every host and reload Nebula there; then sign the hosts again; ' +
      'then remove the old CA',
  ],
  needs: ['certificates', 'now'],
  after: ['CERT-001', 'CERT-002'],
  judge: ({ certificates: { ca, host }, now }) =>
    ca.certificates.map(({ name, fingerprint, notAfter }): Finding => {
      const subject = `CA ${quoted(name)} ${fingerprint.slice(0, 16)}`
      const seen = lifetimeText(notAfter, now)
      const isOurs = host.certificates.some(({ issuer }) => issuer === fingerprint)
      if (isOurs) {
        const days = daysUntil(notAfter, now)
        if (notAfter < now) return { verdict: 'fail', subject, seen }
        if (days < WARN_DAYS) return { verdict: 'warn', fault: 'CA expires soon', subject, seen }
        return { verdict: 'ok', subject, seen }
      }
      if (notAfter >= now) return { verdict: 'ok', subject, seen: `${seen}; it signed other hosts` }
      return {
        verdict: 'warn',
        subject,
        fault: 'expired CA is still in the bundle',
        seen: `${seen}; hosts that it signed are refused`,
        next: [`remove it from ${ca.path}`],
      }
    }),
})
