// Whether a host's networks are its own: no certificate that came with its bundle may have them, too. Whole
// pools belong to no host: gateways have them so that they may forward.

import { formatPrefix, overlaps, type Prefix } from '../../addr/prefix.ts'
import type { Certificate } from '../../nebula/certificate/certificate.ts'
import { parseCertificates } from '../../nebula/certificate/parse.ts'
import { quoted, refused } from '../../nebula/certificate/refusal.ts'
import { isPool } from '../../nebula/hosts/host-subnet.ts'

/**
 * Refuses networks that another host has. @param peers certificates in PEM, by name
 * @throws CniError CertificateRefused that names both, or DecodeFailure for a peer's certificate
 */
export function refuseOverlaps(
  own: Certificate,
  peers: Readonly<Record<string, string>>,
  pools: readonly Prefix[],
  source: string,
): void {
  const subnetsOf = ({ unsafeNetworks }: Certificate): readonly Prefix[] =>
    unsafeNetworks.filter((network) => !isPool(network, pools))
  for (const [name, pem] of Object.entries(peers))
    for (const other of parseCertificates(pem, `${source}: peers.${name}`)) {
      const taken =
        own.networks.find((mine) => other.networks.some((theirs) => isSame(mine, theirs))) ??
        subnetsOf(own).find((mine) => subnetsOf(other).some((theirs) => overlaps(mine, theirs)))
      if (taken === undefined) continue
      throw refused(
        `${source}: certificate`,
        `${formatPrefix(taken)} belongs to ${quoted(other.name)}, too: the office's ledger was ` +
          'lost or its plan changed; restore both from the backup and have this host added again',
      )
    }
}

// All hosts share the overlay network, so only whole addresses can clash.
function isSame(a: Prefix, b: Prefix): boolean {
  return formatPrefix(a) === formatPrefix(b)
}
