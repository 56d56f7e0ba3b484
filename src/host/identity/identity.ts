// This host's identity: the facts of its own verified certificate.
//
// Verification loads node:crypto and checks two signatures, which costs a CNI verb more than reading every
// other file. So the facts are cached in <runDir>/identity.json, which only root can write, with a stamp of
// the two source files.

import { formatPrefix, type Prefix, parsePrefix } from '../../addr/prefix.ts'
import type { Settings } from '../../config/settings.ts'
import { readCache, writeCache } from '../../state/files/cache.ts'
import { fileStamp, readRequired } from '../../state/files/source-file.ts'

/** The facts that follow from the host's certificate. */
export interface Identity {
  readonly name: string
  /** Overlay addresses with their networks' lengths, host bits kept ("10.86.1.1/16"). */
  readonly overlay: readonly Prefix[]
  /** The container subnets inside the pools, one per family at most. */
  readonly subnets: readonly Prefix[]
  readonly fingerprint: string
  /** Observations that are unusual but not wrong, in words. */
  readonly warnings: readonly string[]
  /** Unix seconds between which the certificate is valid, both included. */
  readonly notBefore: number
  readonly notAfter: number
}

/** An {@link Identity} as JSON stores it. */
interface CachedIdentity extends Omit<Identity, 'overlay' | 'subnets'> {
  readonly stamp: string
  readonly overlay: readonly string[]
  readonly subnets: readonly string[]
}

/**
 * Reads and verifies the host's certificate, or returns the cached facts while both files are unchanged.
 * @param now Unix time in seconds
 * @throws CniError that names the file, the field and the remedy
 */
export async function loadIdentity(settings: Settings, now: number): Promise<Identity> {
  const path = `${settings.runDir}/identity.json`
  const stamp = identityStamp(settings)
  const cached = readCache(path) as CachedIdentity | undefined
  if (cached?.stamp === stamp && cached.notBefore <= now && now <= cached.notAfter) {
    return { ...cached, overlay: prefixes(cached.overlay), subnets: prefixes(cached.subnets) }
  }
  const identity = await verifyIdentity(settings, now)
  const { overlay, subnets, ...rest } = identity
  const entry: CachedIdentity = {
    ...rest,
    stamp,
    overlay: overlay.map(formatPrefix),
    subnets: subnets.map(formatPrefix),
  }
  writeCache(path, entry)
  return identity
}

/**
 * Reads and verifies the host's certificate without a cache.
 * @param needsSubnet false for a host without containers
 * @throws CniError that names the file, the field and the remedy
 */
export async function verifyIdentity(
  settings: Settings,
  now: number,
  { needsSubnet = true }: { readonly needsSubnet?: boolean } = {},
): Promise<Identity> {
  const { caPool } = await import('../../nebula/certificate/ca-pool.ts')
  const { hostCertificate } = await import('../../nebula/hosts/host-certificate.ts')
  const { hostSubnets, subnetsIfAny } = await import('../../nebula/hosts/host-subnet.ts')
  const { ca, cert } = settings.nebula
  const remedy = 'copy it there from where Nebula has it, or set its path in /etc/flatnet/flatnet.json'
  const pool = caPool(readRequired(ca, 'CA certificate', `${remedy} ("nebula": {"ca": …})`), ca)
  const pem = readRequired(cert, 'host certificate', `${remedy} ("nebula": {"cert": …})`)
  const { certificate, warnings, expiresAt } = hostCertificate(pem, pool, { now, source: cert })
  return {
    name: certificate.name,
    overlay: certificate.networks,
    subnets: (needsSubnet ? hostSubnets : subnetsIfAny)(certificate, settings.pools, cert),
    fingerprint: certificate.fingerprint,
    warnings,
    notBefore: certificate.notBefore,
    notAfter: expiresAt,
  }
}

function identityStamp({ nebula, pools }: Settings): string {
  const files = [nebula.ca, nebula.cert].map((path) => `${path} ${fileStamp(path)}`)
  return ['v1', ...files, ...pools.map(formatPrefix)].join('\n')
}

function prefixes(texts: readonly string[]): readonly Prefix[] {
  return texts.map(parsePrefix).filter((prefix) => prefix !== undefined)
}
