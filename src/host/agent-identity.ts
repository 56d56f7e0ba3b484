// Who this host is, for its agent: everything that src/host/identity.ts says, and the certificate itself with its key.
// A lighthouse or a gateway host runs an agent too, so no container subnet is needed here. Nothing is cached: the agent
// asks on start and on SIGHUP only.

import type { Settings } from '../config/settings.ts'
import { CniCode, CniError } from '../cni/error.ts'
import { type CaPool, caPool } from '../nebula/ca-pool.ts'
import type { Certificate } from '../nebula/certificate.ts'
import { fingerprints } from '../nebula/fingerprint.ts'
import { hostCertificate } from '../nebula/host-certificate.ts'
import { hostSubnets, subnetsInPools } from '../nebula/host-subnet.ts'
import { keyMatches } from '../nebula/keypair.ts'
import { formatPem } from '../nebula/pem.ts'
import { readRequired } from '../state/source-file.ts'
import type { Identity } from './identity.ts'

/** The facts of the host's certificate with the certificate, its key and its CAs. */
export interface AgentIdentity extends Identity {
  /** Verified; version 2 where the file holds both. */
  readonly certificate: Certificate
  /** The blocks of the certificate file and nothing else: what other hosts are given. */
  readonly pem: string
  /** Every fingerprint under which the certificate goes; the first is `fingerprint`. */
  readonly fingerprints: readonly string[]
  /** The private key as Nebula keeps it. Secret: neither logged nor sent. */
  readonly keyPem: string
  readonly pool: CaPool
}

/**
 * Reads and verifies CA, certificate and key.
 * @param now Unix time in seconds
 * @param blocklist fingerprints of Nebula's pki.blocklist
 * @throws CniError that names the file, the field and the remedy
 */
export function loadAgentIdentity(
  settings: Settings,
  now: number,
  blocklist: ReadonlySet<string> = new Set(),
): AgentIdentity {
  const { ca, cert, key } = settings.nebula
  const remedy = (name: string): string =>
    `copy it there from where Nebula has it, or set its path in /etc/flatnet/flatnet.json ("nebula": {"${name}": …})`
  const pool = caPool(readRequired(ca, 'CA certificate', remedy('ca')), ca)
  const pem = readRequired(cert, 'host certificate', remedy('cert'))
  const { certificate, warnings, expiresAt } = hostCertificate(pem, pool, { now, blocklist, source: cert })
  const keyPem = readRequired(key, 'host key', remedy('key'))
  if (!keyMatches(certificate, keyPem, key)) {
    throw new CniError(
      CniCode.CertificateRefused,
      'key does not match',
      `${key}: is not the key of ${cert}; give the pair that nebula-cert made`,
    )
  }
  const hasSubnet = subnetsInPools(certificate, settings.pools).length > 0
  return {
    name: certificate.name,
    overlay: certificate.networks,
    subnets: hasSubnet ? hostSubnets(certificate, settings.pools, cert) : [],
    fingerprint: certificate.fingerprint,
    warnings,
    notBefore: certificate.notBefore,
    notAfter: expiresAt,
    certificate,
    pem: formatPem(pem, cert),
    fingerprints: fingerprints(certificate),
    keyPem,
    pool,
  }
}
