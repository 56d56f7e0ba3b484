// The encoding of a message in one UDP datagram.
//
//   0  3  "FNP"                    24  8  session           52  1  phase, from 0
//   3  1  version                  32  8  nonce             53  1  flags: bit 0 ready
//   4  1  kind, from 1             40  4  sequence          54  1  reason, from 0
//   5  1  lane, from 0             44  4  epoch             55 16  HMAC-SHA256 of bytes 0 to 54, first half
//   6  2  bytes of the datagram    48  4  holdMs            71  …  zero padding up to the size
//   8  8  from, 16 8  to
//
// Numbers are big-endian. The length is signed and the padding must be zero, so no bit is malleable.

import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto'

import { PHASES, type PeerWord, REASONS } from '../escalation/state.ts'
import { type Lane, LANES, type Message, MESSAGE_KINDS, type MessageKind } from './message.ts'

/** The size of the smallest datagram. */
export const LEAST_BYTES = 71
/** The size of the largest datagram: the payload of an Ethernet frame. Larger ones are refused unread. */
export const MOST_BYTES = 1500

/** The usual size, for messages that do not test the MTU. Leaves room for a later version. */
export const USUAL_BYTES = 96

const MAGIC = Buffer.from('FNP')
const VERSION = 1
const SIGNED_BYTES = 55
// RFC 2104, section 5, and RFC 4868, section 2.3: half of the hash is enough to prevent guessing.
const MAC_BYTES = 16
const ZEROS = Buffer.alloc(MOST_BYTES)
const MOST_UINT32 = 0xffff_ffff

/**
 * Why a datagram is refused. `forged`: not signed with this key, or modified in transit. `phase-unknown` and
 * `reason-unknown`: authentic, but from an agent that knows more words than this one.
 */
type Refusal = 'garbage' | 'version' | 'oversized' | 'forged' | 'phase-unknown' | 'reason-unknown'

/** What a datagram says before its signature is verified. `from` and `to` as in Message. */
interface Head {
  readonly kind: MessageKind
  readonly lane: Lane
  readonly from: string
  readonly to: string
}

/**
 * Encodes a message as a datagram of `sizeBytes` (71 to 1,500). A hold-off beyond 2^32 ms is capped at that.
 * Throws RangeError or TypeError for a message that cannot be encoded, which is a bug.
 */
export function encode(message: Message, key: KeyObject, sizeBytes: number): Buffer {
  if (sizeBytes < LEAST_BYTES || sizeBytes > MOST_BYTES)
    throw new RangeError(`a datagram of ${String(sizeBytes)} bytes`)
  const { word } = message
  // Taken from Node's pool. A separate buffer would cost one off-heap allocation per message.
  const bytes = Buffer.allocUnsafe(sizeBytes).fill(0, LEAST_BYTES)
  MAGIC.copy(bytes)
  bytes[3] = VERSION
  bytes[4] = MESSAGE_KINDS.indexOf(message.kind) + 1
  bytes[5] = LANES.indexOf(message.lane)
  bytes.writeUInt16BE(sizeBytes, 6)
  writeHex(bytes, message.from, 8)
  writeHex(bytes, message.to, 16)
  writeHex(bytes, message.session, 24)
  writeHex(bytes, message.nonce, 32)
  bytes.writeUInt32BE(message.sequence, 40)
  bytes.writeUInt32BE(word.epoch, 44)
  bytes.writeUInt32BE(Math.min(MOST_UINT32, Math.max(0, Math.round(word.holdMs))), 48)
  bytes[52] = PHASES.indexOf(word.phase)
  bytes[53] = word.ready ? 1 : 0
  bytes[54] = REASONS.indexOf(word.reason)
  sign(bytes, key).copy(bytes, SIGNED_BYTES, 0, MAC_BYTES)
  return bytes
}

/**
 * Inspects a datagram without a key, cheaply. The result is unverified; it tells whose key `open` needs. The
 * caller refuses datagrams for other hosts (`to`), which also stops a message reflected to its sender.
 */
export function peek(datagram: Buffer): Head | Refusal {
  const refusal = misformed(datagram)
  if (refusal !== undefined) return refusal
  const kind = MESSAGE_KINDS[(datagram[4] ?? 0) - 1]
  const lane = LANES[datagram[5] ?? LANES.length]
  if (kind === undefined || lane === undefined) return 'garbage'
  return { kind, lane, from: readHex(datagram, 8), to: readHex(datagram, 16) }
}

/** Returns the message if it is signed with `key`, or why it is refused. Never throws, for any input. */
export function open(datagram: Buffer, key: KeyObject): Message | Refusal {
  const head = peek(datagram)
  if (typeof head === 'string') return head
  const mac = datagram.subarray(SIGNED_BYTES, SIGNED_BYTES + MAC_BYTES)
  if (!timingSafeEqual(mac, sign(datagram, key).subarray(0, MAC_BYTES))) return 'forged'
  if (ZEROS.compare(datagram, LEAST_BYTES, datagram.length, 0, datagram.length - LEAST_BYTES) !== 0)
    return 'forged'
  const phase = PHASES[datagram[52] ?? PHASES.length]
  const reason = REASONS[datagram[54] ?? REASONS.length]
  if (phase === undefined) return 'phase-unknown'
  if (reason === undefined) return 'reason-unknown'
  return {
    ...head,
    session: readHex(datagram, 24),
    nonce: readHex(datagram, 32),
    sequence: datagram.readUInt32BE(40),
    word: {
      epoch: datagram.readUInt32BE(44),
      holdMs: datagram.readUInt32BE(48),
      phase,
      // The other bits are reserved for later versions.
      ready: ((datagram[53] ?? 0) & 1) === 1,
      reason,
    },
  }
}

/**
 * Returns the datagram size that fits an IP packet of this size to this address, without the IP and UDP
 * headers (RFC 791, 8200, 768).
 */
export function datagramBytes(packetBytes: number, to: string): number {
  return packetBytes - (to.includes(':') ? 48 : 28)
}

/** What the answering side says about itself: its session and its word. */
interface Said {
  readonly session: string
  readonly word: PeerWord
}

/**
 * Builds the echo of a probe or the heard of a notice, as a datagram of exactly `sizeBytes`. That is the size
 * of the question, so an agent cannot be used for amplification. Throws TypeError for an answer, because
 * answers are not answered.
 */
export function answerTo(question: Message, said: Said, key: KeyObject, sizeBytes: number): Buffer {
  if (question.kind !== 'probe' && question.kind !== 'notice')
    throw new TypeError(`an answer to ${question.kind}`)
  const { session, word } = said
  const kind = question.kind === 'probe' ? 'echo' : 'heard'
  return encode({ ...question, kind, from: question.to, to: question.from, session, word }, key, sizeBytes)
}

function misformed(datagram: Buffer): Refusal | undefined {
  if (datagram.length > MOST_BYTES) return 'oversized'
  if (datagram.length < LEAST_BYTES || datagram.compare(MAGIC, 0, MAGIC.length, 0, MAGIC.length) !== 0)
    return 'garbage'
  if (datagram[3] !== VERSION) return 'version'
  return datagram.readUInt16BE(6) === datagram.length ? undefined : 'garbage'
}

function sign(bytes: Buffer, key: KeyObject): Buffer {
  return createHmac('sha256', key).update(bytes.subarray(0, SIGNED_BYTES)).digest()
}

function readHex(bytes: Buffer, at: number): string {
  return bytes.toString('hex', at, at + 8)
}

function writeHex(bytes: Buffer, hex: string, at: number): void {
  if (hex.length !== 16 || bytes.write(hex, at, 8, 'hex') !== 8)
    throw new TypeError('not 16 hexadecimal digits')
}
