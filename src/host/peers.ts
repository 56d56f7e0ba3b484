// The other hosts: every certificate of the peers folder, verified; those that clash are refused and reported.

import { networkOf } from '../addr/prefix.ts'
import { CniError } from '../cni/error.ts'
import type { Settings } from '../config/settings.ts'
import { caPool } from '../nebula/ca-pool.ts'
import { hostCertificate } from '../nebula/host-certificate.ts'
import { type PeerFacts, peerFacts } from '../nebula/peer.ts'
import { overlappingPeers } from '../nebula/peer-conflicts.ts'
import type { Peer } from '../route/plan.ts'
import { listCertificates, readRequired } from '../state/source-file.ts'
import type { Identity } from './identity.ts'

/** Peers to route to, and those refused with the reason in words. */
export interface Peers {
  readonly accepted: readonly Peer[]
  readonly refused: readonly { readonly peer: string; readonly reason: string }[]
  /** Unix time in seconds until which this stays true: the first accepted certificate ends then. */
  readonly validUntil: number
}

/**
 * Reads and verifies all peers. One bad file never keeps the others away: it is refused with its reason.
 * @param now Unix time in seconds
 */
export function loadPeers(settings: Settings, identity: Identity, now: number): Peers {
  const { ca } = settings.nebula
  const pool = caPool(readRequired(ca, 'CA certificate', 'put it back'), ca)
  const refused: { peer: string; reason: string }[] = []
  const facts = listCertificates(settings.peers).flatMap((name) => {
    const source = `${settings.peers}/${name}`
    try {
      const pem = readRequired(source, 'peer certificate', 'it has vanished just now')
      return [peerFacts(hostCertificate(pem, pool, { now, source }).certificate, settings.pools)]
    } catch (error) {
      if (!(error instanceof CniError)) throw error
      refused.push({ peer: name, reason: `${error.message}: ${error.details}` })
      return []
    }
  })
  // This host's own certificate may lie in the folder: the same folder can then be copied to every host.
  const others = facts.filter((peer) => !isSameHost(peer, identity))
  const checked = overlappingPeers(identity.subnets, others, identity.overlay.map(networkOf))
  return {
    accepted: checked.accepted,
    refused: [...refused, ...checked.refused.map(({ peer, reason }) => ({ peer: peer.name, reason }))],
    validUntil: Math.min(Number.MAX_SAFE_INTEGER, ...checked.accepted.map(({ notAfter }) => notAfter)),
  }
}

// By name and address and not by fingerprint: an earlier certificate of this host is this host's too.
function isSameHost(peer: PeerFacts, { name, overlay }: Identity): boolean {
  return (
    peer.name === name &&
    peer.overlay.some((ip) => overlay.some(({ family, value }) => family === ip.family && value === ip.value))
  )
}
