// CERT-011: pool and overlay network are two things.

import { formatPrefix, networkOf, overlaps } from '../../../addr/prefix.ts'
import { checkItem, type Finding } from '../../item.ts'

export const poolItem = checkItem({
  id: 'CERT-011',
  title: 'pool lies outside the overlay network',
  why: 'Nebula refuses routes to subnets inside its own network, and drops what comes from them.',
  causes: ['The container pool was chosen as a part of the Nebula network, or the other way round.'],
  steps: [
    'choose a pool beside the overlay network (overlay 10.86.0.0/16, pool 10.87.0.0/16) and sign the hosts again',
  ],
  needs: ['certificates', 'settings'],
  after: ['CERT-001', 'CERT-002', 'CERT-003'],
  judge: ({ certificates: { host }, settings: { pools } }): Finding | readonly Finding[] => {
    const subject = 'host certificate'
    const networks = host.certificates.flatMap((certificate) => certificate.networks.map(networkOf))
    if (networks.length === 0) return []
    const clash = pools.flatMap((pool) =>
      networks
        .filter((network) => overlaps(pool, network))
        .map((network) => `${formatPrefix(pool)} and ${formatPrefix(network)}`),
    )
    if (clash.length > 0)
      return {
        verdict: 'fail',
        subject,
        seen: `pool and overlay network overlap: ${[...new Set(clash)].join('; ')}`,
      }
    return {
      verdict: 'ok',
      subject,
      seen: `pool ${pools.map(formatPrefix).join(', ')}, overlay ${[...new Set(networks.map(formatPrefix))].join(', ')}`,
    }
  },
})
