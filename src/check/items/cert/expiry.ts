// CERT-005: the host certificate has not expired.

import { checkItem, type Finding } from '../../item.ts'
import { daysUntil, EXPIRES_SOON_DAYS, lifetimeText } from '../../../nebula/hosts/lifetime.ts'

export const expiryItem = checkItem({
  id: 'CERT-005',
  title: 'host certificate has not expired',
  fault: 'host certificate has expired',
  why:
    'After it expires, no other host accepts this one and no container starts here. ' +
    'Running containers lose the direct path at the next handshake of Nebula.',
  causes: [
    'The office has not renewed it (flatnet-cni host list there shows what is left), or the agent of this ' +
      'host did not run since.',
    'It was signed by hand: nebula-cert signs for as long as the CA lasts unless -duration says less.',
  ],
  steps: [
    'on the office machine: flatnet-cni host renew NAME',
    'after it has ended, no other host can pass it on: carry renewal.statement here, and ' +
      'flatnet-cni statement import renewal.statement',
    'without an office: nebula-cert sign again with the same name, address and subnet, put host.crt and ' +
      'host.key in place, and reload Nebula: pkill -HUP -x nebula',
  ],
  needs: ['certificates', 'now'],
  after: ['CERT-001', 'CERT-002'],
  judge: ({ certificates: { host }, now }): Finding | readonly Finding[] => {
    const ends = host.certificates.map(({ notAfter }) => notAfter)
    if (ends.length === 0) return []
    const end = Math.min(...ends)
    const days = daysUntil(end, now)
    const verdict = end < now ? 'fail' : days < EXPIRES_SOON_DAYS ? 'warn' : 'ok'
    const finding = { verdict, subject: 'host certificate', seen: lifetimeText(end, now) } as const
    return verdict === 'warn' ? { ...finding, fault: 'host certificate expires soon' } : finding
  },
})
