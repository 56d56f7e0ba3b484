// CERT-006: its beginning.

import { checkItem, type Finding } from '../../item.ts'

export const beginItem = checkItem({
  id: 'CERT-006',
  title: 'host certificate is valid already',
  why: 'A certificate from the future is refused by everybody. Nearly always it is the clock that is wrong.',
  causes: [
    "WSL2's clock stood still while Windows slept.",
    'The machine that signed has a clock that is ahead.',
  ],
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
    return { verdict: 'fail', subject, seen: `valid from ${iso(begin)} on, and it is ${iso(now)} here` }
  },
})
