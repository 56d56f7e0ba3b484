// IPAM-006: the host subnet has addresses left.

import { checkItem } from '../../item.ts'

const WARN_PERCENT = 80

const percentOf = (part: number, whole: number): number => Math.floor((part / whole) * 100)

export const poolUse = checkItem({
  id: 'IPAM-006',
  title: 'host subnet has addresses left',
  fault: 'host subnet is full',
  why: 'Without a free address no further container can start on this host.',
  causes: [
    'More containers run than the subnet has addresses for.',
    'Containers are started and never removed.',
  ],
  steps: [
    'flatnet-cni ipam list',
    'remove unused containers, or sign a certificate with a larger host subnet',
  ],
  needs: ['ipam'],
  after: ['IPAM-003'],
  judge: ({ ipam: { subnets } }) =>
    subnets.map(({ subnet, size, leased, leaked }) => {
      const percent = percentOf(leased, size)
      const seen = `${String(leased)} of ${String(size)} addresses in use (${String(percent)} %)`
      if (percent < WARN_PERCENT) return { verdict: 'ok', subject: subnet, seen }
      return {
        ...(leased >= size ? { verdict: 'fail' } : { verdict: 'warn', fault: 'host subnet is nearly full' }),
        subject: subnet,
        seen,
        // Leftovers are the cause only if the use would be fine without them.
        after: percentOf(leased - leaked, size) < WARN_PERCENT ? ['IPAM-003'] : [],
        next: [
          'flatnet-cni ipam list',
          'remove unused containers, or sign a certificate with a larger host subnet',
        ],
      }
    }),
})
