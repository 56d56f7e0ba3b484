// Which address an attachment gets: the one asked for, the one it has or had last, or the next free one.

import { type Ip, formatIp } from '../addr/ip.ts'
import { addressAt, formatPrefix } from '../addr/prefix.ts'
import { addressesOf, isWithin, type Span } from '../addr/span.ts'
import { type LeaseRange, rangeSize, refusalOf } from '../addr/range.ts'
import { CniCode, CniError } from '../cni/error.ts'
import type { AttachmentKey, AttachmentRecord } from '../net/attachment.ts'
import {
  after,
  formerAddress,
  type Hint,
  loadHint,
  markTaken,
  nextFree,
  rebuildHint,
  saveHint,
} from './hint.ts'
import { holdingOf, isLeased, removeLease } from './leases.ts'

/** One address wanted: `requested` by name, else `kept` from an earlier attachment, else any of the range. */
export interface WantedAddress {
  readonly range: LeaseRange
  readonly requested: Ip | undefined
  readonly kept: Ip | undefined
  /** Where to choose from; empty: the whole dynamic range. */
  readonly within: readonly Span[]
  readonly key: AttachmentKey
  /** Dead attachments that lose their address are added here. */
  readonly reclaimed: AttachmentRecord[]
  /** Aborted when the lock is lost. */
  readonly signal: AbortSignal
}

/**
 * Chooses an address that nobody alive holds; a dead holder's lease is removed. Does not lease it. Throws CniError
 * InvalidConfig or AddressTaken for one asked for by name, RangeExhausted when none is left.
 */
export async function chooseAddress(stateDir: string, want: WantedAddress): Promise<Ip> {
  const { range, requested, kept } = want
  const hint = loadHint(stateDir, range)
  const ip = requested === undefined ? undefined : takeRequested(stateDir, want, requested)
  const chosen =
    ip ??
    takeKept(stateDir, want, kept) ??
    takeKept(stateDir, want, formerAddress(hint, want.key)) ??
    (await takeAny(stateDir, want, hint))
  markTaken(hint, chosen, true)
  saveHint(stateDir, hint)
  return chosen
}

async function takeAny(stateDir: string, want: WantedAddress, hint: Hint): Promise<Ip> {
  if (want.within.length > 0) return takeWithin(stateDir, want)
  return takeFree(stateDir, hint) ?? takeStale(stateDir, want, hint)
}

function takeRequested(stateDir: string, want: WantedAddress, ip: Ip): Ip {
  const refusal = refusalOf(want.range.subnet, ip)
  if (refusal !== undefined) {
    throw new CniError(
      CniCode.InvalidConfig,
      'requested address cannot be used',
      `${refusal}; ask for another address of ${formatPrefix(want.range.subnet)}, or for none`,
    )
  }
  const holding = settle(stateDir, want, ip)
  if (holding === undefined) return ip
  throw new CniError(
    CniCode.AddressTaken,
    'requested address is taken',
    `${formatIp(ip)} is held by ${holding.holder} since ${holding.since}; ask for another, or remove that container`,
  )
}

function takeKept(stateDir: string, want: WantedAddress, ip: Ip | undefined): Ip | undefined {
  if (ip === undefined || refusalOf(want.range.subnet, ip) !== undefined) return undefined
  if (want.within.length > 0 && !want.within.some((span) => isWithin(span, ip))) return undefined
  return settle(stateDir, want, ip) === undefined ? ip : undefined
}

const MOST_SURPRISES = 8

// Round robin, so that an address just freed rests before it is given again: neighbours still have it in their caches.
function takeFree(stateDir: string, hint: Hint): Ip | undefined {
  let surprises = 0
  let rebuilt = false
  for (;;) {
    const offset = nextFree(hint)
    if (offset === undefined || surprises > MOST_SURPRISES) {
      hint.full = offset === undefined && (rebuilt || hint.full)
      if (hint.full) return undefined
      hint.taken.set(rebuildHint(stateDir, hint.range, hint.cursor).taken)
      rebuilt = true
      surprises = 0
      continue
    }
    const ip = addressAt(hint.range.subnet, offset)
    if (!isLeased(stateDir, ip)) {
      hint.cursor = offset
      return ip
    }
    markTaken(hint, ip, true)
    if (!rebuilt) surprises += 1
  }
}

const LOOKS_BETWEEN_PAUSES = 256

// Nothing is free: the first lease after the cursor whose holder is dead. After a reboot that is the first one looked at.
async function takeStale(stateDir: string, want: WantedAddress, hint: Hint): Promise<Ip> {
  const { range } = want
  const size = rangeSize(range)
  let oldest: { holder: string; since: string } | undefined
  let offset = hint.cursor
  for (let looks = 1; looks <= size; looks++) {
    offset = after(range, offset)
    const ip = addressAt(range.subnet, offset)
    const holding = settle(stateDir, want, ip)
    if (holding === undefined) {
      hint.cursor = offset
      return ip
    }
    if (oldest === undefined || holding.since < oldest.since) oldest = holding
    // The lock is renewed by a timer; without a pause a long search would look like a dead holder.
    if (looks % LOOKS_BETWEEN_PAUSES === 0) await pause(want.signal)
  }
  throw new CniError(
    CniCode.RangeExhausted,
    'range exhausted',
    `${formatPrefix(range.subnet)}: ${String(size)} of ${String(size)} leased, oldest: ${oldest?.holder ?? 'unknown'} ` +
      `since ${oldest?.since ?? 'unknown'}; remove containers, or sign a certificate with a larger host subnet`,
  )
}

// A narrower choice than the cache of free addresses is made for. Lease files are looked at one by one, first for a free
// address, then for one whose holder is dead.
async function takeWithin(stateDir: string, want: WantedAddress): Promise<Ip> {
  const { within, range } = want
  const usable = (ip: Ip): boolean => refusalOf(range.subnet, ip) === undefined
  for (const isTaken of [
    (ip: Ip) => isLeased(stateDir, ip),
    (ip: Ip) => settle(stateDir, want, ip) !== undefined,
  ]) {
    let looks = 0
    for (const ip of addressesOf(within, MOST_LOOKS)) {
      if (usable(ip) && !isTaken(ip)) return ip
      if (++looks % LOOKS_BETWEEN_PAUSES === 0) await pause(want.signal)
    }
  }
  const names = within.map(({ first, last }) => `${formatIp(first)} to ${formatIp(last)}`).join(', ')
  throw new CniError(
    CniCode.RangeExhausted,
    'range exhausted',
    `${names}: every address of ${formatPrefix(range.subnet)} in there is leased; remove containers, or widen ipRanges`,
  )
}

// As many as the dynamic range of a large subnet has (addr/range.ts).
const MOST_LOOKS = 65_536

async function pause(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
  if (signal.aborted) {
    throw new CniError(
      CniCode.TryAgainLater,
      'lock lost',
      'another process took the state directory over; try again',
      {
        cause: signal.reason,
      },
    )
  }
}

// Undefined when the address can be had, after removing a dead holder's lease; else who holds it.
function settle(
  stateDir: string,
  want: WantedAddress,
  ip: Ip,
): { holder: string; since: string } | undefined {
  const holding = holdingOf(stateDir, ip, want.key)
  if (holding.state === 'taken') return holding
  if (holding.state !== 'stale') return undefined
  if (!removeLease(stateDir, ip, holding.text) && isLeased(stateDir, ip)) {
    return { holder: 'a process that took it this moment', since: 'now' }
  }
  if (holding.record !== undefined) want.reclaimed.push(holding.record)
  return undefined
}
