// Takes certificates from other hosts. Verifies each as if an attacker had sent it, stores new ones, and
// counts refusals.

import { setImmediate as yieldToOthers } from 'node:timers/promises'

import { networkOf } from '../../addr/prefix.ts'
import { CniError } from '../../cni/error.ts'
import type { Settings } from '../../config/settings.ts'
import type { AgentIdentity } from '../../host/identity/agent-identity.ts'
import type { Peers } from '../../host/identity/peers.ts'
import { hostCertificate } from '../../nebula/hosts/host-certificate.ts'
import { newsAmong } from '../../nebula/hosts/newer-certificates.ts'
import { parseCertificates } from '../../nebula/certificate/parse.ts'
import { type PeerFacts, peerFacts } from '../../nebula/hosts/peer-facts.ts'
import { overlappingPeers } from '../../nebula/hosts/peer-conflicts.ts'
import { formatPem } from '../../nebula/certificate/pem.ts'
import { type RefusalKind, refusalKind } from '../../nebula/certificate/refusal.ts'
import { MOST_CERTIFICATE_BYTES, storeLearnt } from '../../state/agent/learnt-peers.ts'

/**
 * Why a received certificate is not used. Those with 'overlap' are stored, so that every host
 * can refuse them.
 */
export type ReceivedRefusal = RefusalKind | 'too-large' | 'wrong-address' | 'overlap' | 'full'

/** What a certificate is verified against. */
export interface LearnContext {
  readonly settings: Settings
  readonly identity: AgentIdentity
  readonly peers: Peers
  readonly blocklist: ReadonlySet<string>
  /** Unix time in seconds. */
  readonly now: number
  /** Called for each refusal. @param key the fingerprint, or the sender if there is none */
  readonly refuse: (why: ReceivedRefusal, key: string, detail: string) => void
}

interface Received extends PeerFacts {
  readonly pem: string
}

/** A verification takes 0.2 ms. Probes are answered in between. */
const AT_ONCE = 8

const FILES_AT_ONCE = 32

/**
 * Stores the new ones among `pems`.
 * @param from the overlay address of the sender, as text
 * @returns how many were new, and whether there was room for all of them
 * @throws CniError IoFailure
 */
export async function learnCertificates(
  pems: readonly string[],
  from: string,
  context: LearnContext,
): Promise<{ readonly stored: number; readonly hadRoom: boolean }> {
  const known = new Set(context.peers.known.map(({ fingerprint }) => fingerprint))
  const received: Received[] = []
  for (const [index, pem] of pems.entries()) {
    if (index % AT_ONCE === AT_ONCE - 1) await yieldToOthers()
    const peer = verifyReceived(pem, from, context, known)
    if (peer !== undefined) received.push(peer)
  }
  const news = newsAmong(received, [...context.peers.known, ...context.peers.ended])
  let stored = 0
  for (let start = 0; start < news.length; start += FILES_AT_ONCE) {
    await yieldToOthers()
    stored += storeLearnt(context.settings.dataDir, news.slice(start, start + FILES_AT_ONCE), from)
  }
  if (stored < news.length) context.refuse('full', 'all', 'there is no room for further hosts')
  reportOverlaps(news, context)
  return { stored, hadRoom: stored === news.length }
}

/** Verifies a certificate. Returns undefined if it is refused (and counted), known, or this host's own. */
export function verifyReceived(
  pem: string,
  from: string,
  context: LearnContext,
  known: ReadonlySet<string>,
): Received | undefined {
  const { settings, identity, blocklist, now, refuse } = context
  const source = `certificate from ${from}`
  let key = from
  try {
    if (Buffer.byteLength(pem) > MOST_CERTIFICATE_BYTES) {
      refuse('too-large', key, tooLarge(source))
      return undefined
    }
    const clean = formatPem(pem, source)
    const blocks = parseCertificates(clean, source)
    key = (blocks.find(({ version }) => version === 2) ?? blocks[0])?.fingerprint ?? from
    if (known.has(key) || identity.fingerprints.includes(key)) return undefined
    const { certificate } = hostCertificate(clean, identity.pool, { now, blocklist, source })
    const facts = peerFacts(certificate, settings.pools)
    return isOurs(facts, identity) ? undefined : { ...facts, pem: clean }
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    refuse(refusalKind(error), key, error.details)
    return undefined
  }
}

/** Describes a certificate of more than 64 KiB. */
export function tooLarge(source: string): string {
  return `${source}: has more than ${String(MOST_CERTIFICATE_BYTES)} bytes`
}

// Matches an earlier or later certificate of this host that returns to it.
function isOurs({ name, overlay }: PeerFacts, identity: AgentIdentity): boolean {
  return (
    name === identity.name &&
    overlay.some((ip) =>
      identity.overlay.some(({ family, value }) => family === ip.family && value === ip.value),
    )
  )
}

function reportOverlaps(news: readonly Received[], { identity, peers, refuse }: LearnContext): void {
  if (news.length === 0) return
  const fresh = new Set(news.map(({ fingerprint }) => fingerprint))
  const overlay = identity.overlay.map(networkOf)
  for (const { peer, reason } of overlappingPeers<PeerFacts>(identity, [...peers.known, ...news], overlay)
    .refused) {
    if (fresh.has(peer.fingerprint))
      refuse('overlap', peer.fingerprint, `${JSON.stringify(peer.name)}: ${reason}`)
  }
}
