// IPAM-006: the host subnet has addresses left.

import { checkItem } from '../../item.ts'

const WARN_PERCENT = 80

const percentOf = (part: number, whole: number): number => Math.floor((part / whole) * 100)

export const poolUse = checkItem({
  id: 'IPAM-006',
  title: 'host subnet has addresses left',
  why: 'Without a free address no further container can start on this host.',
  causes: ['More containers run than the subnet was made for.', 'Containers are started and never removed.'],
  steps: [
    'flatnet-cni ipam list',
    'remove containers that nobody needs, or sign a certificate with a larger host subnet',
  ],
  needs: ['ipam'],
  after: ['IPAM-003'],
  judge: ({ ipam: { subnets } }) =>
    subnets.map(({ subnet, size, leased, leaked }) => {
      const percent = percentOf(leased, size)
      const seen = `${String(leased)} of ${String(size)} addresses in use (${String(percent)} %)`
      if (percent < WARN_PERCENT) return { verdict: 'ok', subject: subnet, seen }
      return {
        verdict: leased >= size ? 'fail' : 'warn',
        subject: subnet,
        seen,
        // Of what is left behind it follows only where that is what makes it so many.
        after: percentOf(leased - leaked, size) < WARN_PERCENT ? ['IPAM-003'] : [],
        next: [
          'flatnet-cni ipam list',
          'remove containers that nobody needs, or sign a certificate with a larger host subnet',
        ],
      }
    }),
})
