// CERT-011: the pool lies outside the overlay network.

import { formatPrefix, networkOf, overlaps } from '../../../addr/prefix.ts'
import { checkItem, type Finding } from '../../item.ts'

export const poolItem = checkItem({
  id: 'CERT-011',
  title: 'pool lies outside the overlay network',
  fault: 'pool and overlay network overlap',
  why: 'Nebula refuses routes to subnets inside its own network, and drops packets from them.',
  causes: ['The container pool was taken from the Nebula network, or the other way round.'],
  steps: [
    'choose a pool outside the overlay network (overlay 10.86.0.0/16, ' +
      'pool 10.87.0.0/16) and sign the hosts again',
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
        .map((network) => `pool ${formatPrefix(pool)} overlaps overlay network ${formatPrefix(network)}`),
    )
    if (clash.length > 0)
      return {
        verdict: 'fail',
        subject,
        seen: [...new Set(clash)].join('; '),
      }
    return {
      verdict: 'ok',
      subject,
      seen:
        `pool ${pools.map(formatPrefix).join(', ')}, overlay ` +
        `${[...new Set(networks.map(formatPrefix))].join(', ')}`,
    }
  },
})
