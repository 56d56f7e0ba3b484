// IPAM-013: the host has the addresses on which ports are published.

import type { PublishedPortsFacts } from '../../facts/published-ports.ts'
import { checkItem } from '../../item.ts'

type Absent = PublishedPortsFacts['absent'][number]

export const absentAddresses = checkItem({
  id: 'IPAM-013',
  title: 'host has the addresses on which ports are published',
  fault: 'port is published on an address that the host does not have',
  why: 'No packet reaches a port that is published on an address that the host does not have.',
  causes: [
    'The address in -p is mistyped, or belongs to another host.',
    'The address of the host has changed (DHCP, a VPN that is down, WSL after a restart).',
  ],
  steps: ['ip address', 'publish without an address, or on one that the host has'],
  needs: ['publishedPorts'],
  judge: ({ publishedPorts: { count, absent } }) => {
    if (count === 0) return { verdict: 'ok', seen: 'no port is published' }
    if (absent.length === 0)
      return { verdict: 'ok', seen: `${String(count)} published, all on addresses of this host` }
    return [...Map.groupBy(absent, (each) => each.address)].map(([address, ports]) => ({
      verdict: 'warn' as const,
      subject: address,
      seen: `${describe(ports)} cannot be reached`,
    }))
  },
})

function describe([first, ...more]: readonly Absent[]): string {
  const others = more.length === 0 ? '' : ` and ${String(more.length)} more`
  return `${first?.port ?? ''} of ${first?.attachment ?? ''}${others}`
}
