// Chooses the address of an attachment: the one asked for, the one it has or had last, or the next free one.

import { type Ip, formatIp } from '../../addr/ip.ts'
import { addressAt, formatPrefix } from '../../addr/prefix.ts'
import { addressesOf, isWithin, type Span } from '../../addr/span.ts'
import { type LeaseRange, rangeSize, refusalOf } from '../../addr/range.ts'
import { CniCode, CniError } from '../../cni/error.ts'
import type { AttachmentKey, AttachmentRecord } from '../../net/attachment.ts'
import {
  after,
  formerAddress,
  type Hint,
  loadHint,
  markTaken,
  nextFree,
  rebuildHint,
  saveHint,
} from './free-hint.ts'
import { holdingOf, isLeased, removeLease } from './leases.ts'

/**
 * One address to choose: `requested` by name, else `kept` from an earlier attachment, else any of the range.
 */
export interface WantedAddress {
  readonly range: LeaseRange
  readonly requested: Ip | undefined
  readonly kept: Ip | undefined
  /** The spans to choose from. If empty, the whole dynamic range. */
  readonly within: readonly Span[]
  readonly key: AttachmentKey
  /** Collects the dead attachments that lose their address. */
  readonly reclaimed: AttachmentRecord[]
  /** Aborts when the lock is lost. */
  readonly isLost: () => boolean
}

/**
 * Chooses an address that no living attachment holds, and removes the lease of a dead holder. Does not lease
 * the address.
 * @throws CniError InvalidConfig or AddressTaken for an address asked for by name, RangeExhausted if none is
 * left
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
      `${refusal}; request another address of ${formatPrefix(want.range.subnet)}, or none`,
    )
  }
  const holding = settle(stateDir, want, ip)
  if (holding === undefined) return ip
  throw new CniError(
    CniCode.AddressTaken,
    'requested address is taken',
    `${formatIp(ip)} is held by ${holding.holder} since ${holding.since}; request another address, ` +
      'or remove that container (flatnet-cni gc, if it no longer exists)',
  )
}

function takeKept(stateDir: string, want: WantedAddress, ip: Ip | undefined): Ip | undefined {
  if (ip === undefined || refusalOf(want.range.subnet, ip) !== undefined) return undefined
  if (want.within.length > 0 && !want.within.some((span) => isWithin(span, ip))) return undefined
  return settle(stateDir, want, ip) === undefined ? ip : undefined
}

const MOST_SURPRISES = 8

// Round robin lets a freed address rest before it is used again, because neighbours still have it in their
// caches.
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

// No address is free, so take the first one after the cursor whose holder is dead. After a reboot every
// holder is dead, and the first look finds one.
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
    // A timer renews the lock. A long search without a pause would make this process look like a dead holder.
    if (looks % LOOKS_BETWEEN_PAUSES === 0) await pause(want.isLost)
  }
  throw new CniError(
    CniCode.RangeExhausted,
    'range exhausted',
    `${formatPrefix(range.subnet)}: ${String(size)} of ${String(size)} leased, ` +
      `oldest: ${oldest?.holder ?? 'unknown'} since ${oldest?.since ?? 'unknown'}; ` +
      'remove containers, or sign a certificate with a larger host subnet',
  )
}

// The cache of free addresses covers whole ranges only. So look at the lease files one by one, first for a
// free address, then for one with a dead holder.
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
      if (++looks % LOOKS_BETWEEN_PAUSES === 0) await pause(want.isLost)
    }
  }
  const names = within.map(({ first, last }) => `${formatIp(first)} to ${formatIp(last)}`).join(', ')
  throw new CniError(
    CniCode.RangeExhausted,
    'range exhausted',
    `${names}: every address of ${formatPrefix(range.subnet)} in this range is leased; ` +
      'remove containers, or widen the range',
  )
}

// The size of the dynamic range in a large subnet (addr/range.ts).
const MOST_LOOKS = 65_536

async function pause(isLost: () => boolean): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
  if (isLost()) {
    throw new CniError(
      CniCode.TryAgainLater,
      'lock lost',
      'another process took over the state directory; try again',
    )
  }
}

// Returns the holder of an address, or undefined if the address is available. Removes the lease of a dead
// holder.
function settle(
  stateDir: string,
  want: WantedAddress,
  ip: Ip,
): { holder: string; since: string } | undefined {
  const holding = holdingOf(stateDir, ip, want.key)
  if (holding.state === 'taken') return holding
  if (holding.state !== 'stale') return undefined
  if (!removeLease(stateDir, ip, holding.text) && isLeased(stateDir, ip)) {
    return { holder: 'a process that took it a moment ago', since: 'now' }
  }
  if (holding.record !== undefined) want.reclaimed.push(holding.record)
  return undefined
}
