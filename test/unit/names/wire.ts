import { ok } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'

import { isAnswerTo, isTruncated, keepable } from '../../../src/names/message.ts'
import {
  datagramLimit,
  parseQuery,
  type Query,
  RCODE,
  TYPE,
  writeName,
  writeRefusal,
  writeReply,
} from '../../../src/names/wire.ts'
import { holdsForAll } from '../nebula/fixtures/property.ts'
import { makeQuery } from './fixtures/query.ts'

function queryOf(message: Buffer): Query {
  const query = parseQuery(message)
  if (query === undefined || 'rcode' in query) throw new Error('no query')
  return query
}
const A = { type: TYPE.A, ttl: 300, data: Buffer.from([10, 87, 1, 10]) }
const answers = (list: readonly (typeof A)[]) => ({ rcode: 0, answers: list, authority: [], additional: [] })

t.test('a query is understood, with and without EDNS', (t) => {
  const plain = makeQuery('Web.Flatnet.internal', TYPE.A)
  t.match(parseQuery(plain), {
    id: 0x1234,
    question: { labels: ['web', 'flatnet', 'internal'], type: 1, class: 1 },
    end: plain.length,
    wantsRecursion: true,
    payload: undefined,
  })
  t.equal(datagramLimit(queryOf(plain)), 512)
  t.equal(datagramLimit(queryOf(makeQuery('web', TYPE.A, { payload: 4096 }))), 1232)
  t.equal(datagramLimit(queryOf(makeQuery('web', TYPE.A, { payload: 100 }))), 512, 'RFC 6891, section 6.2.3')
  t.end()
})

t.test('a message that is not a query gets an error, or nothing', (t) => {
  const good = makeQuery('web', TYPE.A)
  const changed = (at: number, value: number): Buffer => {
    const copy = Buffer.from(good)
    copy[at] = value
    return copy
  }
  t.equal(parseQuery(good.subarray(0, 11)), undefined)
  t.equal(parseQuery(changed(2, 0x80)), undefined, 'an answer')
  t.same(parseQuery(changed(2, 0x28)), { rcode: RCODE.NOTIMP }, 'an update')
  t.same(parseQuery(changed(5, 2)), { rcode: RCODE.FORMERR }, 'two questions')
  t.same(parseQuery(changed(12, 0xc0)), { rcode: RCODE.FORMERR }, 'a pointer')
  t.same(parseQuery(changed(11, 1)), { rcode: RCODE.FORMERR }, 'a record that is missing')
  t.same(parseQuery(good.subarray(0, good.length - 1)), { rcode: RCODE.FORMERR })
  const refusal = writeRefusal(good, RCODE.FORMERR)
  t.equal(refusal.readUInt16BE(0), 0x1234)
  t.equal(refusal.readUInt16BE(2) & 0x800f, 0x8001)
  t.end()
})

t.test('an answer repeats the question as it was spelt, and says when it was cut', (t) => {
  const message = makeQuery('WeB.flatnet.internal', TYPE.A, { payload: 1232 })
  const query = queryOf(message)
  const reply = writeReply(message, query, answers([A]), 512)
  t.ok(isAnswerTo(reply, message, query.end))
  t.equal(reply.toString('latin1', 12, query.end), message.toString('latin1', 12, query.end))
  t.same([...reply.subarray(-11 - 4, -11)], [10, 87, 1, 10])
  t.notOk(isTruncated(reply))
  const cut = writeReply(message, query, answers(Array.from({ length: 100 }, () => A)), 1232)
  t.ok(isTruncated(cut))
  t.ok(cut.length < 100)
  const later = makeQuery('web', TYPE.A, { payload: 1232, version: 1 })
  const bad = writeReply(later, queryOf(later), answers([]), 512)
  t.equal(((bad[bad.length - 6] ?? 0) << 4) | (bad.readUInt16BE(2) & 0xf), RCODE.BADVERS)
  t.end()
})

t.test('an answer is kept for its shortest time to live', (t) => {
  const message = makeQuery('web', TYPE.A)
  const query = queryOf(message)
  const reply = (rcode: number, ...ttls: readonly number[]): Buffer => {
    const records = ttls.map((ttl) => ({ ...A, ttl }))
    const [found, authority] = rcode === RCODE.OK ? [records, []] : [[], records]
    return writeReply(message, query, { rcode, answers: found, authority, additional: [] }, 512)
  }
  t.match(keepable(reply(RCODE.OK, 300, 20)), { ttl: 20, ttlsAt: { length: 2 } })
  t.match(keepable(reply(RCODE.OK, 999_999)), { ttl: 3600 })
  t.match(keepable(reply(RCODE.NXDOMAIN, 900)), { ttl: 60 })
  t.equal(keepable(reply(RCODE.NXDOMAIN)), undefined, 'nothing says how long')
  t.equal(keepable(reply(RCODE.OK, 0)), undefined)
  t.equal(keepable(reply(RCODE.OK, 0xffffffff)), undefined)
  t.equal(keepable(reply(RCODE.SERVFAIL, 300)), undefined)
  t.equal(keepable(writeRefusal(message, RCODE.OK)), undefined)
  t.end()
})

t.test('no message makes the readers fail', (t) => {
  const bytes = fc.uint8Array({ maxLength: 80 })
  const good = makeQuery('web.flatnet.internal', TYPE.A, { payload: 1232 })
  const read = ([random, isTail, cut]: readonly [Uint8Array, boolean, number]): void => {
    const message = isTail ? Buffer.concat([good.subarray(0, cut), random]) : Buffer.from(random)
    const query = parseQuery(message)
    ok(query === undefined || 'rcode' in query || query.end <= message.length)
    if (message.length < 12) return
    keepable(message)
    isAnswerTo(message, good, good.length - 11)
  }
  holdsForAll(t, fc.tuple(bytes, fc.boolean(), fc.nat(good.length)), read, 3000)
  t.end()
})

t.test('labels are bounded', (t) => {
  t.throws(() => writeName(['x'.repeat(64)]), RangeError)
  t.throws(() => writeName(['']), RangeError)
  t.same([...writeName(['ab', 'c'])], [2, 97, 98, 1, 99, 0])
  t.end()
})
