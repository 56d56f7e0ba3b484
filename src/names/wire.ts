// DNS messages (RFC 1035, section 4; EDNS: RFC 6891): the question of a query, and answers made of records.
// Forwarded messages pass as they are, so nothing else is parsed (message.ts reads their times to live).

/** Record types: RFC 1035, section 3.2.2; RFC 3596; RFC 2782; RFC 6891. */
export const TYPE = { A: 1, SOA: 6, PTR: 12, AAAA: 28, SRV: 33, OPT: 41, ANY: 255 } as const

/** Response codes: RFC 1035, section 4.1.1; BADVERS: RFC 6891, section 6.1.3. */
export const RCODE = { OK: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, BADVERS: 16 } as const

export const CLASS_IN = 1

/** One question. Labels are lower-case latin-1 texts; a label may hold any byte, a dot too. */
export interface Question {
  readonly labels: readonly string[]
  readonly type: number
  readonly class: number
}

/** A query that was understood. */
export interface Query {
  readonly id: number
  readonly question: Question
  /** Where the question ends in the message. */
  readonly end: number
  readonly wantsRecursion: boolean
  /** The bytes that the asking side takes in one datagram; undefined without EDNS. */
  readonly payload: number | undefined
  readonly ednsVersion: number
}

/** A message that cannot be answered as a query: the response code to refuse it with. */
interface Unfit {
  readonly rcode: number
}

/** One record of an answer. `name` is undefined where it is that of the question. */
export interface Answer {
  readonly name?: readonly string[]
  readonly type: number
  /** Seconds. */
  readonly ttl: number
  readonly data: Buffer
}

export interface Reply {
  readonly rcode: number
  readonly answers: readonly Answer[]
  readonly authority: readonly Answer[]
  readonly additional: readonly Answer[]
}

const HEADER = 12
const QR = 0x8000
const AA = 0x0400
const TC = 0x0200
const RD = 0x0100
const RA = 0x0080

/** What this resolver takes and gives in one datagram: DNS Flag Day 2020. */
const OUR_PAYLOAD = 1232
const LEAST_PAYLOAD = 512
/** Counted with each label's length: RFC 1035, section 2.3.4. */
const LONGEST_NAME = 255

/** Parses a query. Returns undefined for what deserves no answer: an answer, or less than a header. */
export function parseQuery(message: Buffer): Query | Unfit | undefined {
  if (message.length < HEADER || (message.readUInt16BE(2) & QR) !== 0) return undefined
  const flags = message.readUInt16BE(2)
  if ((flags & 0x7800) !== 0) return { rcode: RCODE.NOTIMP }
  const counts = [4, 6, 8, 10].map((at) => message.readUInt16BE(at))
  const [questions = 0, answers = 0, authority = 0, additional = 0] = counts
  const name = questions === 1 ? readName(message, HEADER) : undefined
  if (name === undefined || name.end + 4 > message.length) return { rcode: RCODE.FORMERR }
  const end = name.end + 4
  const edns = answers + authority === 0 ? findEdns(message, end, additional) : undefined
  if (edns === 'damaged') return { rcode: RCODE.FORMERR }
  return {
    id: message.readUInt16BE(0),
    question: {
      labels: name.labels,
      type: message.readUInt16BE(name.end),
      class: message.readUInt16BE(name.end + 2),
    },
    end,
    wantsRecursion: (flags & RD) !== 0,
    payload: edns?.payload,
    ednsVersion: edns?.version ?? 0,
  }
}

// A name that is written out: a question has nothing before it to point to.
function readName(
  message: Buffer,
  start: number,
): { readonly labels: readonly string[]; readonly end: number } | undefined {
  const labels: string[] = []
  let at = start
  for (;;) {
    const length = message[at]
    if (length === undefined || length > 63) return undefined
    if (length === 0) return at + 1 - start > LONGEST_NAME ? undefined : { labels, end: at + 1 }
    if (at + 1 + length > message.length) return undefined
    labels.push(message.toString('latin1', at + 1, at + 1 + length).toLowerCase())
    at += 1 + length
  }
}

function findEdns(
  message: Buffer,
  start: number,
  count: number,
): { readonly payload: number; readonly version: number } | 'damaged' | undefined {
  let at = start
  for (let index = 0; index < count; index++) {
    const record = readRecord(message, at)
    if (record === undefined) return 'damaged'
    if (record.type === TYPE.OPT) return { payload: record.class, version: (record.ttl >>> 16) & 0xff }
    at = record.end
  }
  return undefined
}

/** A record's place in a message. */
interface RecordPlace {
  readonly type: number
  readonly class: number
  readonly ttl: number
  readonly ttlAt: number
  readonly end: number
}

/** Finds a record's parts; undefined if the message ends before it does. */
export function readRecord(message: Buffer, start: number): RecordPlace | undefined {
  const at = skipName(message, start)
  if (at === undefined || at + 10 > message.length) return undefined
  const end = at + 10 + message.readUInt16BE(at + 8)
  if (end > message.length) return undefined
  return {
    type: message.readUInt16BE(at),
    class: message.readUInt16BE(at + 2),
    ttl: message.readUInt32BE(at + 4),
    ttlAt: at + 4,
    end,
  }
}

/** Returns where a name ends, which a pointer does (RFC 1035, section 4.1.4). */
export function skipName(message: Buffer, start: number): number | undefined {
  let at = start
  for (;;) {
    const length = message[at]
    if (length === undefined) return undefined
    if (length >= 0xc0) return at + 2
    if (length > 63) return undefined
    if (length === 0) return at + 1
    at += 1 + length
  }
}

/** Writes a name without compression. @throws RangeError for a label of more than 63 bytes */
export function writeName(labels: readonly string[]): Buffer {
  return Buffer.concat([
    ...labels.map((label) => {
      if (label.length === 0 || label.length > 63)
        throw new RangeError(`label of ${String(label.length)} bytes`)
      return Buffer.from(String.fromCharCode(label.length) + label, 'latin1')
    }),
    Buffer.alloc(1),
  ])
}

/**
 * Writes the answer to a query.
 * @param message the query as it came: its question is repeated byte for byte
 * @param most the most bytes; what does not fit is left out, and TC says so (RFC 1035, section 4.1.1)
 */
export function writeReply(message: Buffer, query: Query, reply: Reply, most: number): Buffer {
  const rcode = query.ednsVersion > 0 ? RCODE.BADVERS : reply.rcode
  const opt = query.payload === undefined ? [] : [optRecord(rcode)]
  const sections = [reply.answers, reply.authority, reply.additional].map((list) => list.map(writeRecord))
  const whole = assemble({ message, query, rcode }, sections, opt, 0)
  if (whole.length <= most) return whole
  return assemble({ message, query, rcode }, [[], [], []], opt, TC)
}

/** The most bytes of a datagram for this query. */
export function datagramLimit({ payload = LEAST_PAYLOAD }: Query): number {
  return Math.min(OUR_PAYLOAD, Math.max(LEAST_PAYLOAD, payload))
}

/** Writes an answer without records to a message that may not have been understood beyond its header. */
export function writeRefusal(message: Buffer, rcode: number): Buffer {
  const header = Buffer.alloc(HEADER)
  message.copy(header, 0, 0, 4)
  header.writeUInt16BE((message.readUInt16BE(2) & (0x7800 | RD)) | QR | RA | (rcode & 0xf), 2)
  return header
}

interface Frame {
  readonly message: Buffer
  readonly query: Query
  readonly rcode: number
}

function assemble(
  { message, query, rcode }: Frame,
  sections: readonly (readonly Buffer[])[],
  opt: readonly Buffer[],
  more: number,
): Buffer {
  const [answers = [], authority = [], additional = []] = sections
  const header = Buffer.alloc(HEADER)
  header.writeUInt16BE(query.id, 0)
  header.writeUInt16BE(QR | AA | RA | (query.wantsRecursion ? RD : 0) | more | (rcode & 0xf), 2)
  const counts = [1, answers.length, authority.length, additional.length + opt.length]
  for (const [index, count] of counts.entries()) header.writeUInt16BE(count, 4 + index * 2)
  return Buffer.concat([
    header,
    message.subarray(HEADER, query.end),
    ...answers,
    ...authority,
    ...additional,
    ...opt,
  ])
}

function writeRecord({ name, type, ttl, data }: Answer): Buffer {
  const fixed = Buffer.alloc(10)
  fixed.writeUInt16BE(type, 0)
  fixed.writeUInt16BE(CLASS_IN, 2)
  fixed.writeUInt32BE(ttl, 4)
  fixed.writeUInt16BE(data.length, 8)
  // The question's name begins right after the header.
  return Buffer.concat([name === undefined ? Buffer.from([0xc0, HEADER]) : writeName(name), fixed, data])
}

// RFC 6891, section 6.1.2: the root; the payload size as class; the upper bits of the response code as TTL.
function optRecord(rcode: number): Buffer {
  const opt = Buffer.alloc(11)
  opt.writeUInt16BE(TYPE.OPT, 1)
  opt.writeUInt16BE(OUR_PAYLOAD, 3)
  opt.writeUInt8(rcode >>> 4, 5)
  return opt
}
