// A drill takes one peer's direct path away on purpose, without Nebula's help. It learns where
// that peer's packets go beneath the overlay, and has the kernel drop them for a bounded time. The
// agent runs one drill at a time.

import type { Family } from '../addr/ip.ts'
import { DRILL_MOST_MS } from '../views/drill.ts'
import { CniCode, CniError } from '../cni/error.ts'
import { nftApply, nftAsk, nftTry } from '../exec/network/nft.ts'
import {
  blockedQuestion,
  blockRules,
  conclude,
  markedSizes,
  parseBlocked,
  parseSeen,
  removeBlock,
  removeSeen,
  seenQuestion,
  seenRules,
  type Underlay,
  unblockRules,
  type Conclusion,
} from '../net/drill-rules.ts'

export type { Underlay } from '../net/drill-rules.ts'

// Nebula sends within a millisecond once the tunnel exists. The first packet may wait for a handshake.
const ROUNDS = 5
const ROUND_MS = 200

/**
 * Returns where the peer's Nebula packets go at this moment.
 * @param sendMarked sends that peer one or more UDP datagrams on the direct path, whose IP packet (IP and UDP
 * headers included) has exactly `packetBytes` bytes; no answer is needed
 * @throws CniError TryAgainLater if the peer is reached through a relay, or not at all
 */
export async function learnUnderlay(sendMarked: (packetBytes: number) => unknown): Promise<Underlay> {
  let conclusion: Conclusion = { kind: 'nothing' }
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      conclusion = await look(sendMarked)
      if (conclusion.kind === 'direct') return conclusion.underlay
    }
  } finally {
    await nftTry(removeSeen())
  }
  throw notLearnt(conclusion)
}

/**
 * Drops all packets to and from the underlay address. The kernel restores the path after `ms`, even if this
 * process is killed.
 * @throws CniError InvalidConfig for a time outside 1 to {@link DRILL_MOST_MS}, CommandRefused
 */
export async function block(underlay: Underlay, ms: number): Promise<void> {
  if (!Number.isInteger(ms) || ms < 1 || ms > DRILL_MOST_MS)
    throw new CniError(
      CniCode.InvalidConfig,
      'drill too long',
      `needs from 1 to ${String(DRILL_MOST_MS)} ms, got ${String(ms)}`,
    )
  await nftApply(blockRules(underlay, ms))
}

/**
 * Restores the path now and removes the rules. Does nothing if the kernel has done so already.
 * @returns whether it still was blocked
 */
export async function unblock(underlay: Underlay): Promise<boolean> {
  const wasBlocked = await nftTry(unblockRules(underlay))
  await sweepDrill()
  return wasBlocked
}

/**
 * Removes what a killed drill left: empty rules, and with `all` (for an agent that starts) also rules that
 * still block.
 * @returns whether anything was removed
 */
export async function sweepDrill(all = false): Promise<boolean> {
  let removed = false
  for (const family of [4, 6] satisfies Family[]) {
    const listing = await nftAsk(blockedQuestion(family))
    if (listing === undefined || (!all && parseBlocked(listing).length > 0)) continue
    removed = (await nftTry(removeBlock(family))) || removed
  }
  if (all && (await askSeen()) !== undefined) removed = (await nftTry(removeSeen())) || removed
  return removed
}

async function askSeen(): Promise<string | undefined> {
  const [four, six] = [await nftAsk(seenQuestion(4)), await nftAsk(seenQuestion(6))]
  return four === undefined && six === undefined ? undefined : `${four ?? ''}${six ?? ''}`
}

async function look(sendMarked: (packetBytes: number) => unknown): Promise<Conclusion> {
  // Other sizes each time, so that traffic that happened to match does not match again.
  const sizes = markedSizes(Math.random())
  await nftApply(seenRules(sizes))
  for (const size of sizes) await sendMarked(size)
  await new Promise((resolve) => setTimeout(resolve, ROUND_MS))
  return conclude(parseSeen((await askSeen()) ?? '', sizes))
}

function notLearnt(conclusion: Conclusion): CniError {
  const why = {
    direct: '',
    relayed: 'it is reached through a Nebula relay, and blocking the relay would cut off others too',
    several: 'other traffic cannot be told from its own; try again',
    nothing: 'no packet to it leaves this host as a Nebula packet; check that its tunnel is up',
  }[conclusion.kind]
  return new CniError(CniCode.TryAgainLater, "peer's underlay address not found", why)
}
