// This host's identity for its agent: the facts of src/host/identity/identity.ts, with the certificate itself
// and its key. A lighthouse or a gateway host runs an agent too, so no container subnet is needed here.
// Nothing is cached, because the agent asks only on start and on SIGHUP.

import type { Settings } from '../../config/settings.ts'
import { CniCode, CniError } from '../../cni/error.ts'
import { type CaPool, caPool } from '../../nebula/certificate/ca-pool.ts'
import type { Certificate } from '../../nebula/certificate/certificate.ts'
import { fingerprints } from '../../nebula/certificate/fingerprint.ts'
import { hostCertificate, lastMoment } from '../../nebula/hosts/host-certificate.ts'
import { subnetsIfAny } from '../../nebula/hosts/host-subnet.ts'
import { keyMatches } from '../../nebula/keys/keypair.ts'
import { parseCertificates } from '../../nebula/certificate/parse.ts'
import { formatPem } from '../../nebula/certificate/pem.ts'
import { readRequired } from '../../state/files/source-file.ts'
import type { Identity } from './identity.ts'

/** The facts of the host's certificate, with the certificate, its key and its CAs. */
export interface AgentIdentity extends Identity {
  /** The verified certificate. Version 2 if the file contains both versions. */
  readonly certificate: Certificate
  /** The blocks of the certificate file and nothing else, as other hosts get it. */
  readonly pem: string
  /** Every fingerprint that the certificate is known by; the first is `fingerprint`. */
  readonly fingerprints: readonly string[]
  /** The private key as Nebula stores it. Secret: never logged or sent. */
  readonly keyPem: string
  readonly pool: CaPool
}

/** Reads the CAs that this host trusts. @throws CniError that names the file and the remedy */
export function readCaPool({ nebula: { ca } }: Settings): CaPool {
  return caPool(readRequired(ca, 'CA certificate', remedy('ca')), ca)
}

function remedy(name: string): string {
  return (
    'copy it there from where Nebula has it, ' +
    `or set its path in /etc/flatnet/flatnet.json ("nebula": {"${name}": …})`
  )
}

/** Reads and verifies this host's certificate without its key. Errors as {@link loadAgentIdentity}. */
export function loadOwnCertificate(settings: Settings, now: number): Certificate {
  const { cert } = settings.nebula
  const pem = readRequired(cert, 'host certificate', remedy('cert'))
  return hostCertificate(pem, readCaPool(settings), { now, source: cert }).certificate
}

/**
 * Reads and verifies CA, certificate and key. An expired certificate passes: it still says who this host is,
 * and a renewal is for its key. Callers that need a valid one compare `notAfter`.
 * @param now Unix time in seconds
 * @param blocklist fingerprints of Nebula's pki.blocklist
 * @throws CniError that names the file, the field and the remedy
 */
export function loadAgentIdentity(
  settings: Settings,
  now: number,
  blocklist: ReadonlySet<string> = new Set(),
): AgentIdentity {
  const { cert, key } = settings.nebula
  const pool = readCaPool(settings)
  const pem = readRequired(cert, 'host certificate', remedy('cert'))
  const { certificate, warnings, expiresAt } = hostCertificate(pem, pool, {
    now: Math.min(now, lastMoment(parseCertificates(pem, cert))),
    blocklist,
    source: cert,
  })
  const keyPem = readRequired(key, 'host key', remedy('key'))
  if (!keyMatches(certificate, keyPem, key)) {
    throw new CniError(
      CniCode.CertificateRefused,
      'key does not match',
      `${key}: is not the key of ${cert}; give the pair that nebula-cert made`,
    )
  }
  return {
    name: certificate.name,
    overlay: certificate.networks,
    subnets: subnetsIfAny(certificate, settings.pools, cert),
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
