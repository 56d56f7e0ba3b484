// CERT-010: the certificate has a host subnet inside the pool.

import { formatPrefix } from '../../../addr/prefix.ts'
import { leaseRange, rangeSize } from '../../../addr/range.ts'
import { CniError } from '../../../cni/error.ts'
import { subnetsInPools } from '../../../nebula/hosts/host-subnet.ts'
import { checkItem, type Finding } from '../../item.ts'

export const subnetItem = checkItem({
  id: 'CERT-010',
  title: 'host certificate has one container subnet per family inside the pool',
  fault: 'host certificate has no usable container subnet',
  why: 'Containers get their addresses from this subnet. With none or several, ADD cannot tell which to use.',
  causes: [
    'It was signed without -unsafe-networks (-subnets before nebula-cert 1.10).',
    'The pool in /etc/flatnet/flatnet.json is not the one that the subnet was taken from.',
    'It is the certificate of a gateway, which has the whole pool.',
  ],
  steps: [
    'nebula-cert sign -name HOST -networks 10.86.N.1/16 -unsafe-networks 10.87.N.0/24   # a subnet that ' +
      'no other host has',
  ],
  needs: ['certificates', 'settings', 'role'],
  after: ['CERT-001', 'CERT-002', 'CERT-003'],
  judge: ({ certificates: { host }, settings: { pools }, role }): Finding | readonly Finding[] => {
    if (role.isBareLighthouse) return { verdict: 'skip', seen: 'a lighthouse without containers' }
    const subject = 'host certificate'
    const certificate = host.certificates.find(({ version }) => version === 2) ?? host.certificates[0]
    if (certificate === undefined || certificate.isCa) return []
    const inside = subnetsInPools(certificate, pools)
    const pool = pools.map(formatPrefix).join(', ')
    if (inside.length === 0) {
      const has = certificate.unsafeNetworks.map(formatPrefix).join(', ') || 'none'
      return {
        verdict: 'fail',
        subject,
        seen: `no subnet inside the pool ${pool}; the certificate has ${has}`,
      }
    }
    const texts = inside.map(formatPrefix).join(', ')
    if (new Set(inside.map(({ family }) => family)).size < inside.length)
      return {
        verdict: 'fail',
        subject,
        seen: `${texts} are all inside the pool ${pool}: only one per family is allowed`,
      }
    try {
      const addresses = inside.map((subnet) => rangeSize(leaseRange(subnet)))
      return { verdict: 'ok', subject, seen: `${texts}, ${addresses.join(' and ')} addresses for containers` }
    } catch (error) {
      if (!(error instanceof CniError)) throw error
      return { verdict: 'fail', subject, seen: error.details }
    }
  },
})
