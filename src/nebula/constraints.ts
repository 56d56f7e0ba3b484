// What a CA allows the certificates that it signs (cert/ca_pool.go, CheckCAConstraints).

import { covers, formatPrefix, type Prefix } from '../addr/prefix.ts'
import type { Certificate } from './certificate.ts'
import { quoted } from './refusal.ts'

/** The first limit of the CA that the certificate exceeds, as a sentence; undefined when it keeps to all of them. */
export function brokenConstraint(certificate: Certificate, authority: Certificate): string | undefined {
  if (certificate.notAfter > authority.notAfter)
    return 'notAfter: it outlives its CA; sign again with a shorter -duration'
  if (certificate.notBefore < authority.notBefore) return 'notBefore: it is older than its CA; sign again'

  // An empty list in the CA is no limit.
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
