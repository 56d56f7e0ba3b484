// The other hosts: every certificate of the peers folder and every one that the agent has learnt, verified; those that
// clash are refused and reported.

import { networkOf } from '../addr/prefix.ts'
import { CniError } from '../cni/error.ts'
import type { Settings } from '../config/settings.ts'
import { type CaPool, caPool } from '../nebula/ca-pool.ts'
import { hostCertificate } from '../nebula/host-certificate.ts'
import { type PeerFacts, peerFacts } from '../nebula/peer.ts'
import { overlappingPeers } from '../nebula/peer-conflicts.ts'
import { type RefusalKind, refusalKind } from '../nebula/refusal.ts'
import { rememberedBlocklist } from '../state/blocklist.ts'
import { readLearnt } from '../state/learnt-peers.ts'
import { listCertificates, readRequired } from '../state/source-file.ts'
import type { Identity } from './identity.ts'

/** Another host as its verified certificate shows it. */
export interface KnownPeer extends PeerFacts {
  /** What its agent's messages are sealed for. */
  readonly publicKey: Uint8Array
  /** In words: the file, or "learnt from 10.86.0.1". */
  readonly source: string
  readonly learnt: boolean
  /** The text of its file, which may hold one block of each version. */
  readonly pem: string
}

/** A peer that is not routed to. */
export interface RefusedPeer {
  readonly peer: string
  /** In words, with the time at which it was looked at. */
  readonly reason: string
  /** `clash`: with another host. */
  readonly kind: RefusalKind | 'clash'
}

/** Peers to route to, and those refused with the reason in words. */
export interface Peers {
  readonly accepted: readonly KnownPeer[]
  readonly refused: readonly RefusedPeer[]
  /** All hosts whose certificates are good, those too that clash with others: every host has to know them. */
  readonly known: readonly KnownPeer[]
  /** Why other hosts refuse this one; undefined: they do not. */
  readonly ownRefused: string | undefined
  /** Fingerprints of learnt files of no more use: expired, blocklisted, damaged, or older than another of the same host. */
  readonly outdated: readonly string[]
  /** Unix time in seconds until which this stays true: the first accepted certificate ends then. */
  readonly validUntil: number
}

/**
 * Reads and verifies all peers. One bad file never keeps the others away: one of the peers folder is refused with its
 * reason, a learnt one passed over.
 * @param now Unix time in seconds
 * @param blocklist fingerprints that Nebula blocks; without it those that the agent has left count
 */
export function loadPeers(
  settings: Settings,
  identity: Identity,
  now: number,
  blocklist: ReadonlySet<string> = rememberedBlocklist(settings.dataDir),
): Peers {
  const { ca } = settings.nebula
  const pool = caPool(readRequired(ca, 'CA certificate', 'put it back'), ca)
  const reading: Reading = { settings, pool, now, blocklist }
  const given = givenPeers(reading)
  const learnt = learntPeers(reading)
  // This host's own certificate may lie in the folder: the same folder can then be copied to every host.
  const others = [...given.peers, ...learnt.peers].filter((peer) => !isSameHost(peer, identity))
  const checked = overlappingPeers(identity, others, identity.overlay.map(networkOf))
  const clashes = new Map<KnownPeer, string>()
  for (const { peer, reason } of checked.refused) clashes.set(peer, reason)
  for (const peer of checked.accepted) {
    if (hasOurAddress(peer, identity)) clashes.set(peer, "its overlay address is this host's own")
  }
  const superseded = new Set(checked.superseded)
  const accepted = checked.accepted.filter((peer) => !clashes.has(peer))
  return {
    accepted,
    refused: [
      ...given.refused,
      ...[...clashes].map(([peer, reason]) => ({ peer: peer.name, reason, kind: 'clash' as const })),
    ],
    known: others.filter((peer) => !superseded.has(peer)),
    ownRefused: checked.ownRefused,
    outdated: [
      ...learnt.outdated,
      ...learnt.peers
        .filter((peer) => superseded.has(peer) || isSameHost(peer, identity))
        .map(({ fingerprint }) => fingerprint),
    ],
    validUntil: Math.min(Number.MAX_SAFE_INTEGER, ...accepted.map(({ notAfter }) => notAfter)),
  }
}

interface Reading {
  readonly settings: Settings
  readonly pool: CaPool
  readonly now: number
  readonly blocklist: ReadonlySet<string>
}

function givenPeers(reading: Reading): { peers: KnownPeer[]; refused: RefusedPeer[] } {
  const { peers: folder } = reading.settings
  const refused: RefusedPeer[] = []
  const peers = listCertificates(folder).flatMap((name) => {
    const file = `${folder}/${name}`
    try {
      const pem = readRequired(file, 'peer certificate', 'it has vanished just now')
      return [readPeer(reading, pem, file, file, false)]
    } catch (error) {
      if (!(error instanceof CniError)) throw error
      refused.push({ peer: name, reason: `${error.message}: ${error.details}`, kind: refusalKind(error) })
      return []
    }
  })
  return { peers, refused }
}

// Nobody has put these here by hand, so one that has had its time is nothing to report.
function learntPeers(reading: Reading): { peers: KnownPeer[]; outdated: string[] } {
  const outdated: string[] = []
  const peers = readLearnt(reading.settings.dataDir).flatMap(({ fingerprint, path, text, from }) => {
    try {
      const peer = readPeer(reading, text, path, from === '' ? path : `learnt from ${from}`, true)
      if (peer.fingerprint === fingerprint) return [peer]
      outdated.push(fingerprint)
    } catch (error) {
      if (!(error instanceof CniError)) throw error
      // A clock that is behind for a while says so of good certificates.
      if (refusalKind(error) !== 'not-yet-valid') outdated.push(fingerprint)
    }
    return []
  })
  return { peers, outdated }
}

function readPeer(
  { settings, pool, now, blocklist }: Reading,
  pem: string,
  file: string,
  source: string,
  learnt: boolean,
): KnownPeer {
  const { certificate, expiresAt } = hostCertificate(pem, pool, { now, blocklist, source: file })
  const facts = peerFacts(certificate, settings.pools)
  return { ...facts, notAfter: expiresAt, publicKey: certificate.publicKey, source, learnt, pem }
}

// By name and address and not by fingerprint: an earlier certificate of this host is this host's too.
function isSameHost(peer: PeerFacts, identity: Identity): boolean {
  return peer.name === identity.name && hasOurAddress(peer, identity)
}

function hasOurAddress(peer: PeerFacts, { overlay }: Identity): boolean {
  return peer.overlay.some((ip) =>
    overlay.some(({ family, value }) => family === ip.family && value === ip.value),
  )
}
