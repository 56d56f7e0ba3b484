// A cache that says where to look for a free address first: <stateDir>/next.<first address>_<length>. It has
// the offsets believed taken, the one handed out last, and the addresses that keys released lately. Lease
// files decide. An offset wrongly believed free costs one look at its lease file. One wrongly believed taken
// returns when the range seems full and the cache is rebuilt.

import { join } from 'node:path'

import { formatIp, type Ip, parseIp } from '../../addr/ip.ts'
import { contains, formatPrefix } from '../../addr/prefix.ts'
import { type LeaseRange, offsetOf, rangeSize } from '../../addr/range.ts'
import type { AttachmentKey } from '../../net/attachment.ts'
import { sortedJson } from '../../net/attachment-text.ts'
import { hexHash } from '../../net/name-hash.ts'
import { readText, removeFile, replaceFile } from '../files/atomic.ts'
import { leasedAddresses } from './leases.ts'

/**
 * Bit n of `taken` stands for offset n from the subnet's first address. `cursor` is the offset handed out
 * last. `full` records that a listing of the lease files left no offset free, which spares every ADD another
 * listing. `former` has the addresses that keys released lately, oldest first: a container that is stopped
 * and started again gets its address back.
 */
export interface Hint {
  readonly range: LeaseRange
  readonly taken: Uint8Array
  cursor: number
  full: boolean
  readonly former: Map<string, string>
}

// Enough for all containers that one host stops for a while. An entry takes 40 bytes, and every ADD and DEL
// writes them all.
const MOST_FORMER = 256

/** Loads the cache of a range. Rebuilds it from the lease files if it is missing or unusable. */
export function loadHint(stateDir: string, range: LeaseRange): Hint {
  return readHint(stateDir, range) ?? rebuildHint(stateDir, range, range.first - 1)
}

/** Rebuilds the cache of a range from the lease files. Costs one directory listing. */
export function rebuildHint(stateDir: string, range: LeaseRange, cursor: number): Hint {
  const taken = new Uint8Array(bytesFor(range))
  const hint: Hint = { range, taken, cursor, full: false, former: new Map() }
  for (const ip of leasedAddresses(stateDir)) markTaken(hint, ip, true)
  return hint
}

/** Writes the cache, or drops it if it cannot be written. The lease does not depend on it. */
export function saveHint(stateDir: string, hint: Hint): void {
  const { cursor, full } = hint
  const path = hintPath(stateDir, hint.range)
  const taken = Buffer.from(hint.taken).toString('base64')
  const text = sortedJson({ version: 1, cursor, full, former: [...hint.former].slice(-MOST_FORMER), taken })
  try {
    replaceFile(path, text, false)
  } catch {
    removeFile(path)
  }
}

/** Marks an address as taken or free. Ignores one outside the subnet or beyond the dynamic range. */
export function markTaken(hint: Hint, ip: Ip, taken: boolean): void {
  if (!contains(hint.range.subnet, ip)) return
  const offset = offsetOf(hint.range.subnet, ip)
  if (offset > BigInt(hint.range.last)) return
  setBit(hint.taken, Number(offset), taken)
  if (!taken) hint.full = false
}

/** Marks an address as free in the cache on disk, if there is one, and notes that `by` had it. */
export function forget(stateDir: string, range: LeaseRange, ip: Ip, by?: AttachmentKey): void {
  const hint = readHint(stateDir, range)
  if (hint === undefined) return
  markTaken(hint, ip, false)
  if (by !== undefined) {
    hint.former.delete(formerName(by))
    hint.former.set(formerName(by), formatIp(ip))
  }
  saveHint(stateDir, hint)
}

/**
 * Returns the address that the key released last, if it is remembered. Another attachment may hold it by now.
 */
export function formerAddress(hint: Hint, key: AttachmentKey): Ip | undefined {
  const text = hint.former.get(formerName(key))
  const ip = text === undefined ? undefined : parseIp(text)
  return ip !== undefined && contains(hint.range.subnet, ip) ? ip : undefined
}

/**
 * Returns the first offset after the cursor that is not believed taken. The search wraps around; undefined if
 * there is none.
 */
export function nextFree({ range, taken, cursor }: Hint): number | undefined {
  let offset = cursor
  for (let tries = rangeSize(range); tries > 0; tries--) {
    offset = after(range, offset)
    if (!isSet(taken, offset)) return offset
  }
  return undefined
}

/** Returns the next offset in the range. The first one follows the last one. */
export function after(range: LeaseRange, offset: number): number {
  return offset < range.first || offset >= range.last ? range.first : offset + 1
}

type HintKey = 'version' | 'cursor' | 'full' | 'former' | 'taken'

function isFormer(value: unknown): value is [string, string] {
  return Array.isArray(value) && typeof value[0] === 'string' && typeof value[1] === 'string'
}

function formerName({ network, containerID, ifname }: AttachmentKey): string {
  return hexHash(`${network}/${containerID}/${ifname}`, 16)
}

function readHint(stateDir: string, range: LeaseRange): Hint | undefined {
  const text = readText(hintPath(stateDir, range))
  if (text === undefined) return undefined
  try {
    const value = JSON.parse(text) as Partial<Record<HintKey, unknown>> | null
    if (value?.version !== 1 || typeof value.taken !== 'string' || !Number.isInteger(value.cursor))
      return undefined
    const taken = new Uint8Array(Buffer.from(value.taken, 'base64'))
    if (taken.length !== bytesFor(range)) return undefined
    const former = new Map((Array.isArray(value.former) ? value.former : []).filter(isFormer))
    return { range, taken, cursor: value.cursor as number, full: value.full === true, former }
  } catch {
    return undefined
  }
}

function hintPath(stateDir: string, { subnet }: LeaseRange): string {
  return join(stateDir, `next.${formatPrefix(subnet).replace('/', '_')}`)
}

function bytesFor(range: LeaseRange): number {
  return (range.last >> 3) + 1
}

function isSet(bits: Uint8Array, index: number): boolean {
  return ((bits[index >> 3] ?? 0) & (1 << (index & 7))) !== 0
}

function setBit(bits: Uint8Array, index: number, on: boolean): void {
  const mask = 1 << (index & 7)
  const byte = bits[index >> 3] ?? 0
  bits[index >> 3] = on ? byte | mask : byte & ~mask
}
