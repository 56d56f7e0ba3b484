// The facts about another host that its certificate provides.

import type { Ip } from '../../addr/ip.ts'
import { networkOf, type Prefix } from '../../addr/prefix.ts'
import type { Certificate } from '../certificate/certificate.ts'
import { isGateway, subnetsInPools } from './host-subnet.ts'

/** Facts of a verified certificate. */
export interface PeerFacts {
  readonly name: string
  readonly version: 1 | 2
  /** Overlay addresses, IPv4 first. */
  readonly overlay: readonly Ip[]
  /** The overlay networks of these addresses, host bits cleared. */
  readonly networks: readonly Prefix[]
  /** Container subnets inside the pools. Empty for a lighthouse or a gateway. */
  readonly subnets: readonly Prefix[]
  readonly fingerprint: string
  /** Unix seconds, both ends inclusive. */
  readonly notBefore: number
  readonly notAfter: number
  /** It forwards for all hosts; only there for a gateway. */
  readonly forwards?: true
}

/** Extracts the facts from a certificate that {@link verifyCertificate} accepted. */
export function peerFacts(certificate: Certificate, pools: readonly Prefix[]): PeerFacts {
  const { name, version, networks, fingerprint, notBefore, notAfter } = certificate
  return {
    name,
    version,
    overlay: networks.map(({ family, value }) => ({ family, value })),
    networks: networks.map(networkOf),
    subnets: subnetsInPools(certificate, pools),
    fingerprint,
    notBefore,
    notAfter,
    ...(isGateway(certificate, pools) ? { forwards: true } : {}),
  }
}
