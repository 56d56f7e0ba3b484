// A host's certificate file (pki.cert): one block, or one of each version with the same key.

import { formatPrefix, networkOf, type Prefix } from '../../addr/prefix.ts'
import type { CaPool } from '../certificate/ca-pool.ts'
import type { Certificate } from '../certificate/certificate.ts'
import { parseCertificates } from '../certificate/parse.ts'
import { quoted, refused } from '../certificate/refusal.ts'
import { verifyCertificate, type VerifyOptions } from '../certificate/verify.ts'

/** A verified host certificate. */
interface HostCertificate {
  /**
   * The version 2 block if there is one, as in Nebula's own firewall (firewall.go, NewFirewallFromConfig).
   */
  readonly certificate: Certificate
  /** Sentences for the operator about inconsistencies that are not refused. */
  readonly warnings: readonly string[]
  /** Unix seconds of the last moment when every block is valid. */
  readonly expiresAt: number
}

/**
 * Reads and verifies every block. Throws CniError CertificateRefused when a block cannot be trusted, when a
 * version occurs twice, or when the two blocks differ in key or first overlay address, because Nebula does
 * not start then (pki.go). Also throws what {@link parseCertificates} throws.
 */
export function hostCertificate(pem: string, pool: CaPool, options: VerifyOptions): HostCertificate {
  const blocks = parseCertificates(pem, options.source)
  for (const block of blocks) verifyCertificate(block, pool, options)
  const v1 = blocks.filter(({ version }) => version === 1)
  const v2 = blocks.filter(({ version }) => version === 2)
  const certificate = v2[0] ?? v1[0]
  if (certificate === undefined || v1.length > 1 || v2.length > 1) {
    throw refused(options.source, 'contains several certificates of one version; keep one of each version')
  }
  const older = v2.length === 0 ? undefined : v1[0]
  if (older !== undefined) checkSameHost(older, certificate, options.source)
  return {
    certificate,
    warnings: older === undefined ? [] : differences(older, certificate, blocks[0] === older, options.source),
    expiresAt: lastMoment(blocks),
  }
}

/** Returns the last moment when all blocks of a file are valid, in Unix seconds. */
export function lastMoment(blocks: readonly Pick<Certificate, 'notAfter'>[]): number {
  return Math.min(...blocks.map(({ notAfter }) => notAfter))
}

function checkSameHost(v1: Certificate, v2: Certificate, source: string): void {
  // This also catches different curves, whose keys differ in length.
  if (!Buffer.from(v1.publicKey).equals(v2.publicKey)) {
    throw refused(
      source,
      'PublicKey: version 1 and version 2 have different keys; sign both for the same key',
    )
  }
  const [first, second] = [v1.networks[0], v2.networks[0]].map((network) => network && formatPrefix(network))
  if (first !== second) {
    throw refused(
      source,
      `Networks: version 1 begins with ${String(first)}, version 2 with ${String(second)}; ` +
        'sign both with the same first network',
    )
  }
}

function differences(v1: Certificate, v2: Certificate, isV1First: boolean, source: string): string[] {
  const warnings: string[] = []
  const compare = (field: string, old: string, current: string): void => {
    if (old === current) return
    warnings.push(
      `${source}: ${field} of version 1 (${old || 'none'}) and version 2 (${current || 'none'}) differ; ` +
        'version 2 is used',
    )
  }
  compare('Name', quoted(v1.name), quoted(v2.name))
  // Version 1 holds no IPv6, so compare only what version 1 can express.
  compare('UnsafeNetworks', masked(v1.unsafeNetworks), masked(v2.unsafeNetworks))
  compare('Groups', listed(v1.groups.map(quoted)), listed(v2.groups.map(quoted)))
  if (!isV1First) {
    warnings.push(
      `${source}: version 2 comes first, but Nebula before 1.10 reads only the first block; ` +
        'put version 1 first',
    )
  }
  return warnings
}

function masked(networks: readonly Prefix[]): string {
  const texts = networks
    .filter(({ family }) => family === 4)
    .map((network) => formatPrefix(networkOf(network)))
  return listed(texts)
}

function listed(texts: readonly string[]): string {
  return [...new Set(texts)].sort().join(', ')
}
