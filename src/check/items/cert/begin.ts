// CERT-006: the host certificate is already valid.

import { checkItem, type Finding } from '../../item.ts'

export const beginItem = checkItem({
  id: 'CERT-006',
  title: 'host certificate is already valid',
  fault: 'host certificate is not valid yet',
  why: 'Every host refuses a certificate that is not valid yet. The cause is nearly always a wrong clock.',
  causes: ["WSL2's clock stopped while Windows slept.", 'The clock of the machine that signed it is ahead.'],
  steps: ['date -u   # compare with another machine', 'hwclock --hctosys, or: timedatectl set-ntp true'],
  needs: ['certificates', 'now'],
  after: ['SYS-014', 'CERT-001', 'CERT-002'],
  judge: ({ certificates: { ca, host }, now }): Finding | readonly Finding[] => {
    const all = [
      ...host.certificates,
      ...ca.certificates.filter(({ fingerprint }) =>
        host.certificates.some(({ issuer }) => issuer === fingerprint),
      ),
    ]
    if (host.certificates.length === 0) return []
    const begin = Math.max(...all.map(({ notBefore }) => notBefore))
    const subject = 'host certificate'
    const iso = (seconds: number): string => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
    if (begin <= now) return { verdict: 'ok', subject, seen: `since ${iso(begin)}` }
    return { verdict: 'fail', subject, seen: `valid from ${iso(begin)}, but it is ${iso(now)} here` }
  },
})
