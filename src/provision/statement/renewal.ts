// Finds this host's own certificate among renewed ones, and tells whether it may be used without asking.

import { formatPrefix, type Prefix } from '../../addr/prefix.ts'
import { CniError } from '../../cni/error.ts'
import type { CaPool } from '../../nebula/certificate/ca-pool.ts'
import type { Certificate } from '../../nebula/certificate/certificate.ts'
import { parseCertificates } from '../../nebula/certificate/parse.ts'
import { formatPem } from '../../nebula/certificate/pem.ts'
import { hostCertificate } from '../../nebula/hosts/host-certificate.ts'

/** What a host has now. */
interface OwnCertificate {
  readonly certificate: Certificate
  /** The blocks of its file. */
  readonly pem: string
  readonly pool: CaPool
}

/** A newer certificate of this host. */
export interface OwnRenewal {
  readonly pem: string
  readonly certificate: Certificate
  /** What differs besides the time, in words; empty for one that may be used without asking. */
  readonly differences: readonly string[]
}

/** What certificates are verified against. */
interface RenewalContext {
  /** Unix seconds. */
  readonly now: number
  readonly blocklist: ReadonlySet<string>
}

/**
 * Returns the latest of `pems` that is a valid certificate for this host's key, and newer than what it has.
 * Undefined if there is none.
 */
export function ownRenewal(
  pems: readonly string[],
  own: OwnCertificate,
  context: RenewalContext,
): OwnRenewal | undefined {
  const candidates = pems.flatMap((pem) => {
    const certificate = verified(pem, own, context)
    const isOurs = certificate !== undefined && isSameKey(certificate, own.certificate)
    return isOurs && certificate.notBefore > own.certificate.notBefore ? [{ pem, certificate }] : []
  })
  const [latest] = candidates.toSorted((a, b) => b.certificate.notBefore - a.certificate.notBefore)
  if (latest === undefined) return undefined
  return {
    certificate: latest.certificate,
    pem: formatPem(latest.pem, 'renewed certificate'),
    differences: differences(own, latest.pem, latest.certificate),
  }
}

function verified(pem: string, { pool }: OwnCertificate, context: RenewalContext): Certificate | undefined {
  try {
    return hostCertificate(pem, pool, { ...context, source: 'renewed certificate' }).certificate
  } catch (error) {
    if (error instanceof CniError) return undefined
    throw error
  }
}

function isSameKey(one: Certificate, other: Certificate): boolean {
  return one.curve === other.curve && Buffer.from(one.publicKey).equals(other.publicKey)
}

function differences(
  { certificate: own, pem }: OwnCertificate,
  newPem: string,
  found: Certificate,
): string[] {
  const compared: readonly (readonly [what: string, before: string, after: string])[] = [
    ['name', own.name, found.name],
    ['overlay addresses', prefixes(own.networks), prefixes(found.networks)],
    ['container subnets', prefixes(own.unsafeNetworks), prefixes(found.unsafeNetworks)],
    ['groups', own.groups.toSorted().join(', '), found.groups.toSorted().join(', ')],
    ['versions', versions(pem), versions(newPem)],
  ]
  return compared
    .filter(([, before, after]) => before !== after)
    .map(([what, before, after]) => `${what}: ${before || 'none'} becomes ${after || 'none'}`)
}

function prefixes(list: readonly Prefix[]): string {
  return list.map(formatPrefix).join(', ')
}

function versions(pem: string): string {
  return parseCertificates(pem, 'certificate')
    .map(({ version }) => version)
    .toSorted((a, b) => a - b)
    .join(', ')
}
