// IPAM-004: no two attachments hold the same address.

import { checkItem } from '../../item.ts'

export const duplicates = checkItem({
  id: 'IPAM-004',
  title: 'every address has one holder',
  fault: 'address has two holders',
  why:
    "Two containers with one address take each other's connections, " +
    'and each neighbour may reach a different one.',
  causes: [
    'Files of the state directory were copied or removed by hand.',
    'Two networks keep their leases in different directories.',
  ],
  steps: ['restart the container that was started last; it gets another address'],
  needs: ['ipam'],
  after: ['IPAM-002'],
  judge: ({ ipam: { claims, withoutLease } }) => {
    const byAddress = Map.groupBy(claims, ({ address }) => address)
    const twice = [...byAddress].filter(([, same]) => same.length > 1)
    const findings = twice.map(([address, same]) => ({
      verdict: 'fail' as const,
      subject: address,
      seen: `held by ${same.map(({ holder }) => holder).join(' and by ')}`,
      next: ['restart the one that was started last; it gets another address'],
    }))
    const inFindings = new Set(twice.map(([address]) => address))
    const lost = withoutLease
      .filter(({ address }) => !inFindings.has(address))
      .map(({ address, holder }) => ({
        verdict: 'fail' as const,
        subject: address,
        fault: 'address in use has no lease',
        seen: `${holder} uses it without holding its lease, so it may be assigned again`,
        next: ['restart that container; it gets a new lease'],
      }))
    if (findings.length + lost.length > 0) return [...findings, ...lost]
    return { verdict: 'ok', seen: `${String(claims.length)} addresses, each with one holder and its lease` }
  },
})
