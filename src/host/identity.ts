// Who this host is: the facts of its own verified certificate.

import type { Prefix } from '../addr/prefix.ts'
import type { Settings } from '../config/settings.ts'
import { type CaPool, caPool } from '../nebula/ca-pool.ts'
import { hostCertificate } from '../nebula/host-certificate.ts'
import { hostSubnets } from '../nebula/host-subnet.ts'
import { readRequired } from '../state/source-file.ts'

/** What follows from the host's certificate. */
export interface Identity {
  readonly name: string
  /** Overlay addresses with their networks' lengths, host bits kept ("10.86.1.1/16"). */
  readonly overlay: readonly Prefix[]
  /** The container subnets inside the pools, one per family at most. */
  readonly subnets: readonly Prefix[]
  readonly fingerprint: string
  readonly pool: CaPool
  readonly warnings: readonly string[]
}

/**
 * Reads and verifies the host's certificate.
 * @param now Unix time in seconds
 * @throws CniError that names the file, the field and the remedy
 */
export function loadIdentity(settings: Settings, now: number): Identity {
  const { ca, cert } = settings.nebula
  const join = 'copy it there from where Nebula has it, or set the path in /etc/flatnet/flatnet.json'
  const pool = caPool(readRequired(ca, 'CA certificate', `${join} ("nebula": {"ca": …})`), ca)
  const pem = readRequired(cert, 'host certificate', `${join} ("nebula": {"cert": …})`)
  const { certificate, warnings } = hostCertificate(pem, pool, { now, source: cert })
  return {
    name: certificate.name,
    overlay: certificate.networks,
    subnets: hostSubnets(certificate, settings.pools, cert),
    fingerprint: certificate.fingerprint,
    pool,
    warnings,
  }
}
