// A drill takes one peer's direct path away on purpose, without asking Nebula: finds out where that peer's packets go
// beneath the overlay, and has the kernel drop them for a bounded time. One drill at a time; the agent sees to that.

import type { Family } from '../addr/ip.ts'
import { DRILL_MOST_MS } from '../api/drill.ts'
import { CniCode, CniError } from '../cni/error.ts'
import { nftApply, nftAsk, nftTry } from '../exec/nft.ts'
import {
  blockedQuestion,
  blockRules,
  judgeSeen,
  markedSizes,
  parseBlocked,
  parseSeen,
  removeBlock,
  removeSeen,
  seenQuestion,
  seenRules,
  type Underlay,
  unblockRules,
  type Verdict,
} from '../net/drill-rules.ts'

export type { Underlay } from '../net/drill-rules.ts'

// Nebula sends within a millisecond once the tunnel is there; the first packet may wait for a handshake.
const ROUNDS = 5
const ROUND_MS = 200

/**
 * Where the peer's Nebula packets go at this moment.
 * @param sendMarked sends that peer one or more UDP datagrams by the P2P path whose IP packet (IP and UDP headers included)
 *   has exactly so many bytes; nobody has to answer
 * @throws CniError TryAgainLater when the peer is reached through a relay, or not at all
 */
export async function learnUnderlay(sendMarked: (packetBytes: number) => unknown): Promise<Underlay> {
  let verdict: Verdict = { kind: 'nothing' }
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      verdict = await look(sendMarked)
      if (verdict.kind === 'direct') return verdict.underlay
    }
  } finally {
    await nftTry(removeSeen())
  }
  throw notLearnt(verdict)
}

/**
 * Drops all packets to and from there; the kernel gives the path back after `ms`, whatever becomes of this process.
 * @throws CniError InvalidConfig for a time that is not from 1 to {@link DRILL_MOST_MS}, CommandRefused
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
 * Gives the path back now and removes the rules; content when the kernel has done so already.
 * @returns whether it still was blocked
 */
export async function unblock(underlay: Underlay): Promise<boolean> {
  const wasBlocked = await nftTry(unblockRules(underlay))
  await sweepDrill()
  return wasBlocked
}

/**
 * Removes what a killed drill left: empty rules, and with `all` (an agent that begins) also what still blocks.
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

async function look(sendMarked: (packetBytes: number) => unknown): Promise<Verdict> {
  // Other sizes each time: whatever traffic looked the same will not do so again.
  const sizes = markedSizes(Math.random())
  await nftApply(seenRules(sizes))
  for (const size of sizes) await sendMarked(size)
  await new Promise((resolve) => setTimeout(resolve, ROUND_MS))
  return judgeSeen(parseSeen((await askSeen()) ?? '', sizes))
}

function notLearnt(verdict: Verdict): CniError {
  const why = {
    direct: '',
    relayed: 'it is reached through a Nebula relay, and blocking the relay would cut off others too',
    several: 'other traffic cannot be told from its own; try again',
    nothing: 'nothing that is sent to it leaves this host as a Nebula packet; see that its tunnel is up',
  }[verdict.kind]
  return new CniError(CniCode.TryAgainLater, "peer's underlay address not found", why)
}
