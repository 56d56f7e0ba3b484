// IPAM-004: no two attachments hold one address.

import { checkItem } from '../../item.ts'

export const duplicates = checkItem({
  id: 'IPAM-004',
  title: 'every address has one holder',
  why: "Two containers with one address take each other's connections, differently for every neighbour.",
  causes: [
    'Files of the state directory were copied or removed by hand.',
    'Two networks keep their leases in different directories.',
  ],
  steps: ['restart the container that was started last; it gets another address'],
  needs: ['ipam'],
  after: ['IPAM-002'],
  judge: ({ ipam: { claims, withoutLease } }) => {
    const holders = new Map<string, string[]>()
    for (const { address, holder } of claims) holders.set(address, [...(holders.get(address) ?? []), holder])
    const twice = [...holders].filter(([, list]) => list.length > 1)
    const findings = twice.map(([address, list]) => ({
      verdict: 'fail' as const,
      subject: address,
      seen: `held by ${list.join(' and by ')}`,
      next: ['restart the one that was started last; it gets another address'],
    }))
    const inFindings = new Set(twice.map(([address]) => address))
    const lost = withoutLease
      .filter(({ address }) => !inFindings.has(address))
      .map(({ address, holder }) => ({
        verdict: 'fail' as const,
        subject: address,
        seen: `${holder} uses it, and its lease is missing or another's: it may be given out a second time`,
        next: ['restart that container; it gets a lease again'],
      }))
    if (findings.length + lost.length > 0) return [...findings, ...lost]
    return { verdict: 'ok', seen: `${String(claims.length)} addresses, each with one holder and its lease` }
  },
})
