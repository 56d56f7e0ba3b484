// CERT-007: the CAs' end.

import { quoted } from '../../../nebula/refusal.ts'
import { checkItem, type Finding } from '../../item.ts'
import { daysUntil, lifetimeText } from './days.ts'

// Everybody has to be signed again, so there should be time for it.
const WARN_DAYS = 60

export const caExpiryItem = checkItem({
  id: 'CERT-007',
  title: 'CA has not expired',
  why: 'With the CA ends everything it signed, on every host at the same moment.',
  causes: ['nebula-cert ca makes CAs for one year unless -duration says more.'],
  steps: [
    'nebula-cert ca -name NAME -duration 43800h   # a new CA, on a machine that keeps its key safe',
    'append the new ca.crt to ca.crt on every host and reload Nebula there; then sign the hosts again; then take the old one out',
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
        return { verdict: notAfter < now ? 'fail' : days < WARN_DAYS ? 'warn' : 'ok', subject, seen }
      }
      if (notAfter >= now) return { verdict: 'ok', subject, seen: `${seen}; signed others` }
      return {
        verdict: 'warn',
        subject,
        seen: `${seen}; nobody it signed is let in`,
        next: [`take it out of ${ca.path}`],
      }
    }),
})
