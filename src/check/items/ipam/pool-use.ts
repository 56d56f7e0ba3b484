// IPAM-006: the host subnet has addresses left.

import { checkItem } from '../../item.ts'

const WARN_PERCENT = 80

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
    subnets.map(({ subnet, size, leased }) => {
      const percent = Math.floor((leased / size) * 100)
      const seen = `${String(leased)} of ${String(size)} addresses in use (${String(percent)} %)`
      if (percent < WARN_PERCENT) return { verdict: 'ok', subject: subnet, seen }
      return {
        verdict: leased >= size ? 'fail' : 'warn',
        subject: subnet,
        seen,
        next: [
          'flatnet-cni ipam list',
          'remove containers that nobody needs, or sign a certificate with a larger host subnet',
        ],
      }
    }),
})
