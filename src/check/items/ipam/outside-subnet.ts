// IPAM-005: every container address lies in the host subnet of the certificate.

import { parseIp } from '../../../addr/ip.ts'
import { contains, parsePrefix } from '../../../addr/prefix.ts'
import { checkItem } from '../../item.ts'

export const outsideSubnet = checkItem({
  id: 'IPAM-005',
  title: "every container's address is in this host's subnet",
  fault: "container's address is outside this host's subnet",
  why:
    'Nebula drops packets from addresses that are not in the certificate, ' +
    'and no other host has a route to them.',
  causes: ['The certificate was signed again with another container subnet while containers ran.'],
  steps: ['stop these containers and start them again'],
  needs: ['ipam'],
  judge: ({ ipam: { claims, subnets } }) => {
    if (subnets.length === 0)
      return { verdict: 'skip', seen: 'the certificate of this host is not to be believed' }
    const networks = subnets.flatMap(({ subnet }) => parsePrefix(subnet) ?? [])
    const outside = claims.filter(({ address }) => {
      const ip = parseIp(address)
      return ip !== undefined && !networks.some((network) => contains(network, ip))
    })
    const here = subnets.map(({ subnet }) => subnet).join(' and ')
    if (outside.length === 0) return { verdict: 'ok', seen: `all in ${here}` }
    return outside.map(({ address, holder }) => ({
      verdict: 'fail' as const,
      subject: address,
      seen: `${holder} has an address outside ${here}, assigned before the certificate was signed again`,
      next: ['stop that container and start it again; it gets an address from the new subnet'],
    }))
  },
})
