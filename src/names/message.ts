// What a cache has to know of a forwarded message: whether it answers the question, how long it holds, and
// where its times to live are.

import { RCODE, readRecord, skipName, TYPE } from './wire.ts'

/** A message that may be kept. */
export interface Keepable {
  /** Seconds. */
  readonly ttl: number
  /** Where the times to live are in the message. */
  readonly ttlsAt: readonly number[]
}

/** In seconds, so that a corrected name is found again within a minute. */
const LONGEST_NEGATIVE = 60
const LONGEST = 3600

/** Returns whether a message answers this query: same ID, same question. */
export function isAnswerTo(message: Buffer, query: Buffer, questionEnd: number): boolean {
  if (message.length < questionEnd || (message.readUInt16BE(2) & 0x8000) === 0) return false
  if (message.readUInt16BE(0) !== query.readUInt16BE(0) || message.readUInt16BE(4) !== 1) return false
  const [one, other] = [message, query].map((each) => each.toString('latin1', 12, questionEnd).toLowerCase())
  return one === other
}

/** Returns whether it was cut to fit into a datagram. */
export function isTruncated(message: Buffer): boolean {
  return (message.readUInt16BE(2) & 0x0200) !== 0
}

/** Returns what a cache has to know; undefined for a message that must not be kept. */
export function keepable(message: Buffer): Keepable | undefined {
  const rcode = message.readUInt16BE(2) & 0xf
  if (isTruncated(message) || (rcode !== RCODE.OK && rcode !== RCODE.NXDOMAIN)) return undefined
  const counts = [6, 8, 10].map((at) => message.readUInt16BE(at))
  const [answers = 0] = counts
  const name = skipName(message, 12)
  if (name === undefined) return undefined
  let at = name + 4
  let ttl = answers === 0 ? LONGEST_NEGATIVE : LONGEST
  const ttlsAt: number[] = []
  for (let left = counts.reduce((sum, each) => sum + each, 0); left > 0; left--) {
    const record = readRecord(message, at)
    if (record === undefined) return undefined
    at = record.end
    if (record.type === TYPE.OPT) continue
    // RFC 2181, section 8: a set high bit means 0.
    ttl = Math.min(ttl, record.ttl > 0x7fffffff ? 0 : record.ttl)
    ttlsAt.push(record.ttlAt)
  }
  return ttlsAt.length === 0 || ttl === 0 ? undefined : { ttl, ttlsAt }
}
