// The limits that a CA sets for the certificates it signs (cert/ca_pool.go, CheckCAConstraints).

import { covers, formatPrefix, type Prefix } from '../../addr/prefix.ts'
import type { Certificate } from './certificate.ts'
import { quoted } from './refusal.ts'

/**
 * Returns a sentence about the first CA limit that the certificate exceeds, or undefined if it exceeds none.
 */
export function brokenConstraint(certificate: Certificate, authority: Certificate): string | undefined {
  if (certificate.notAfter > authority.notAfter)
    return 'notAfter: is after that of its CA; sign again with a shorter -duration'
  if (certificate.notBefore < authority.notBefore) return 'notBefore: is before that of its CA; sign again'

  // An empty list in the CA means no limit.
  const group = certificate.groups.find((each) => !authority.groups.includes(each))
  if (authority.groups.length > 0 && group !== undefined) {
    return `Groups: its CA does not allow the group ${quoted(group)}; sign again without it`
  }
  return (
    outside('Networks', certificate.networks, authority.networks) ??
    outside('UnsafeNetworks', certificate.unsafeNetworks, authority.unsafeNetworks)
  )
}

function outside(field: string, networks: readonly Prefix[], allowed: readonly Prefix[]): string | undefined {
  if (allowed.length === 0) return undefined
  const network = networks.find((each) => !allowed.some((limit) => covers(limit, each)))
  if (network === undefined) return undefined
  const limits = allowed.map(formatPrefix).join(', ')
  return `${field}: its CA allows only ${limits}, not ${formatPrefix(network)}; sign again inside the limits`
}
