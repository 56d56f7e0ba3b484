// The other hosts: every certificate of the peers folder and every one that the agent has learnt, verified.
// Hosts that conflict are refused and reported.

import { networkOf } from '../../addr/prefix.ts'
import { CniError, errorText } from '../../cni/error.ts'
import type { Settings } from '../../config/settings.ts'
import { type CaPool, caPool } from '../../nebula/certificate/ca-pool.ts'
import { parseCertificates } from '../../nebula/certificate/parse.ts'
import { hostCertificate, lastMoment } from '../../nebula/hosts/host-certificate.ts'
import { latestOfEach } from '../../nebula/hosts/latest-certificates.ts'
import { type PeerFacts, peerFacts } from '../../nebula/hosts/peer-facts.ts'
import { isReplaced } from '../../nebula/hosts/replaced-certificate.ts'
import { overlappingPeers } from '../../nebula/hosts/peer-conflicts.ts'
import { type RefusalKind, refusalKind } from '../../nebula/certificate/refusal.ts'
import { rememberedBlocklist } from '../../state/agent/blocklist.ts'
import { readLearnt } from '../../state/agent/learnt-peers.ts'
import { listCertificates, readRequired } from '../../state/files/source-file.ts'
import type { Identity } from './identity.ts'
import { retiredAuthorities } from './statements.ts'

/** Another host, as its verified certificate shows it. */
export interface KnownPeer extends PeerFacts {
  /** The key to which messages for its agent are sealed. */
  readonly publicKey: Uint8Array
  /** In words: the file, or "learnt from 10.86.0.1". */
  readonly source: string
  readonly learnt: boolean
  /** The text of its file, which may contain one block of each version. */
  readonly pem: string
}

/** A peer without routes. */
interface RefusedPeer {
  readonly peer: string
  /** In words, with the time of the check. */
  readonly reason: string
  /** `clash`: it conflicts with another host. */
  readonly kind: RefusalKind | 'clash'
}

/** Peers to route to, and those refused with the reason in words. */
export interface Peers {
  readonly accepted: readonly KnownPeer[]
  readonly refused: readonly RefusedPeer[]
  /**
   * All hosts whose certificates are valid, including those that conflict with
   * others: every host must know them.
   */
  readonly known: readonly KnownPeer[]
  /** Why other hosts refuse this one. Undefined if they do not. */
  readonly ownRefused: string | undefined
  /** Expired ones that no newer one has replaced: older ones of the same host do not count. */
  readonly ended: readonly KnownPeer[]
  /** Fingerprints of learnt files to delete: blocklisted, damaged, or older than another of the same host. */
  readonly outdated: readonly string[]
  /** Unix time in seconds until which this result stays true: the first accepted certificate expires then. */
  readonly validUntil: number
  /**
   * Whether no certificate is refused or not valid yet. Then only a change of files changes the result before
   * `validUntil`. A file that cannot be read may be readable next time.
   */
  readonly isSettled: boolean
}

/**
 * Reads and verifies all peers. One bad file never affects the others: a bad file in the peers folder is
 * refused with its reason, and a bad learnt file is skipped.
 * @param now Unix time in seconds
 * @param blocklist fingerprints that Nebula blocks; by default those that the agent stored
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
  // The folder may contain this host's own certificate, so that the same folder can be copied to every host.
  const isOther = (peer: KnownPeer): boolean => !isSameHost(peer, identity)
  const valid = [...given.peers, ...learnt.peers].filter(isOther)
  const ended = [...given.ended, ...learnt.ended].filter(isOther)
  // The latest counts even after its end: an older one that is valid for longer does not return.
  const superseded = new Set(latestOfEach([...valid, ...ended]).superseded)
  const others = valid.filter((peer) => !superseded.has(peer))
  const checked = overlappingPeers(identity, others, identity.overlay.map(networkOf))
  const clashes = new Map<KnownPeer, string>()
  for (const { peer, reason } of checked.refused) clashes.set(peer, reason)
  for (const peer of checked.accepted) {
    if (hasOurAddress(peer, identity)) clashes.set(peer, "its overlay address is this host's own")
  }
  const accepted = checked.accepted.filter((peer) => !clashes.has(peer))
  const refused: readonly RefusedPeer[] = [
    ...given.refused.filter((each) => !isLeftBehind(each, [...accepted, identity], reading)),
    ...[...clashes].map(([peer, reason]) => ({ peer: peer.name, reason, kind: 'clash' as const })),
  ]
  return {
    accepted,
    refused,
    known: others,
    ended: ended.filter((peer) => !superseded.has(peer)),
    ownRefused: checked.ownRefused,
    outdated: [
      ...learnt.outdated,
      ...[...learnt.peers, ...learnt.ended]
        .filter((peer) => superseded.has(peer) || !isOther(peer))
        .map(({ fingerprint }) => fingerprint),
    ],
    validUntil: Math.min(Number.MAX_SAFE_INTEGER, ...accepted.map(({ notAfter }) => notAfter)),
    isSettled: refused.length === 0 && !learnt.hasWaiting,
  }
}

interface Reading {
  readonly settings: Settings
  readonly pool: CaPool
  readonly now: number
  readonly blocklist: ReadonlySet<string>
}

// Bundles leave certificates behind that end with their time, or with a CA that its successor has retired.
// One of any other CA is a stranger's.
function isLeftBehind(
  { kind, pem }: GivenRefusal,
  known: Parameters<typeof isReplaced>[1],
  { settings, pool }: Reading,
): boolean {
  if (kind === 'expired') return isReplaced(pem, known)
  return kind === 'foreign-ca' && isReplaced(pem, known, retiredAuthorities(settings, pool))
}

interface GivenRefusal extends RefusedPeer {
  /** The text of the file; empty if it could not be read. */
  readonly pem: string
}

interface PeerFile extends Pick<KnownPeer, 'source' | 'learnt'> {
  readonly pem: string
  readonly file: string
}

function givenPeers(reading: Reading): {
  readonly peers: readonly KnownPeer[]
  readonly ended: readonly KnownPeer[]
  readonly refused: readonly GivenRefusal[]
} {
  const { peers: folder } = reading.settings
  const refused: GivenRefusal[] = []
  const ended: KnownPeer[] = []
  const peers = listCertificates(folder).flatMap((name) => {
    const file = `${folder}/${name}`
    let pem = ''
    try {
      pem = readRequired(file, 'peer certificate', 'it has just been removed')
      return [readPeer(reading, { pem, file, source: file, learnt: false })]
    } catch (error) {
      if (!(error instanceof CniError)) throw error
      refused.push({ peer: name, reason: errorText(error), kind: refusalKind(error), pem })
      ended.push(...endedPeers(reading, { pem, file, source: file, learnt: false }, error))
      return []
    }
  })
  return { peers, ended, refused }
}

interface LearntPeers {
  readonly peers: readonly KnownPeer[]
  readonly ended: readonly KnownPeer[]
  readonly outdated: readonly string[]
  /** Whether one is not valid yet. */
  readonly hasWaiting: boolean
}

// The agent stored these files, so an expired one deserves no report. It stays as long as its CA is trusted:
// the clock may be fast, and an older one must not return.
function learntPeers(reading: Reading): LearntPeers {
  const outdated: string[] = []
  const ended: KnownPeer[] = []
  let hasWaiting = false
  const peers = readLearnt(reading.settings.dataDir).flatMap(({ fingerprint, path, text, from }) => {
    const source = from === '' ? path : `learnt from ${from}`
    const stored: PeerFile = { pem: text, file: path, source, learnt: true }
    try {
      const peer = readPeer(reading, stored)
      if (peer.fingerprint === fingerprint) return [peer]
      outdated.push(fingerprint)
    } catch (error) {
      if (!(error instanceof CniError)) throw error
      const [peer] = endedPeers(reading, stored, error)
      if (peer?.fingerprint === fingerprint) ended.push(peer)
      else if (refusalKind(error) === 'not-yet-valid') hasWaiting = true
      else outdated.push(fingerprint)
    }
    return []
  })
  return { peers, ended, outdated, hasWaiting }
}

// The certificate of a file that was refused, if nothing but its end is the reason.
function endedPeers(reading: Reading, file: PeerFile, reason: CniError): readonly KnownPeer[] {
  if (refusalKind(reason) !== 'expired') return []
  try {
    return [readPeer({ ...reading, now: lastMoment(parseCertificates(file.pem, file.file)) }, file)]
  } catch (error) {
    if (error instanceof CniError) return []
    throw error
  }
}

function readPeer(
  { settings, pool, now, blocklist }: Reading,
  { pem, file, source, learnt }: PeerFile,
): KnownPeer {
  const { certificate, expiresAt } = hostCertificate(pem, pool, { now, blocklist, source: file })
  const facts = peerFacts(certificate, settings.pools)
  return { ...facts, notAfter: expiresAt, publicKey: certificate.publicKey, source, learnt, pem }
}

// Compares name and address, not the fingerprint, because an earlier certificate
// of this host is this host's too.
function isSameHost(peer: PeerFacts, identity: Identity): boolean {
  return peer.name === identity.name && hasOurAddress(peer, identity)
}

function hasOurAddress(peer: PeerFacts, { overlay }: Identity): boolean {
  return peer.overlay.some((ip) =>
    overlay.some(({ family, value }) => family === ip.family && value === ip.value),
  )
}
