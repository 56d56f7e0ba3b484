// CERT-005: its end.

import { checkItem, type Finding } from '../../item.ts'
import { daysUntil, lifetimeText } from './days.ts'

const WARN_DAYS = 30

export const expiryItem = checkItem({
  id: 'CERT-005',
  title: 'host certificate has not expired',
  why: 'From its end on no other host lets this one in, and no container is started here. Running containers lose the direct path when Nebula handshakes next.',
  causes: [
    'nebula-cert signs for as long as the CA lasts unless -duration says less; nothing renews it by itself.',
  ],
  steps: [
    'nebula-cert sign again with the same name, address and subnet, and put host.crt and host.key in place',
    'systemctl reload nebula@config   # or: pkill -HUP -x nebula',
  ],
  needs: ['certificates', 'now'],
  after: ['CERT-001', 'CERT-002'],
  judge: ({ certificates: { host }, now }): Finding | readonly Finding[] => {
    const ends = host.certificates.map(({ notAfter }) => notAfter)
    if (ends.length === 0) return []
    const end = Math.min(...ends)
    const days = daysUntil(end, now)
    const verdict = end < now ? 'fail' : days < WARN_DAYS ? 'warn' : 'ok'
    return { verdict, subject: 'host certificate', seen: lifetimeText(end, now) }
  },
})
