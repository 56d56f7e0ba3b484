import { deepStrictEqual } from 'node:assert'
import { createHmac, createSecretKey } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'

import type { Message } from '../../../../src/paths/probe/message.ts'
import { answerTo, encode, LEAST_BYTES, MOST_BYTES, open, peek } from '../../../../src/paths/probe/packet.ts'
import { holdsForAll } from '../../nebula/fixtures/property.ts'
import { anyMessage, KEY, PROBE } from './fixtures/messages.ts'

const OTHER_KEY = createSecretKey(Buffer.alloc(32, 1))

/** A PROBE datagram with changed bytes, signed as its sender would sign it. */
function signed(changes: Readonly<Record<number, number>>): Buffer {
  const datagram = encode(PROBE, KEY, 96)
  for (const [at, value] of Object.entries(changes)) datagram[Number(at)] = value
  createHmac('sha256', KEY).update(datagram.subarray(0, 55)).digest().copy(datagram, 55, 0, 16)
  return datagram
}

t.test('the wire format is fixed, because other versions of the agent read it', (t) => {
  const golden = [
    '464e50 01 01 01 0050 a1a2a3a4a5a6a7a8 b1b2b3b4b5b6b7b8 c1c2c3c4c5c6c7c8 d1d2d3d4d5d6d7d8',
    '01020304 00000005 0000ea60 02 01 05',
    'b6560f17945ca577bad0e68d73f3ee63',
    '00'.repeat(9),
  ].join('')
  t.equal(encode(PROBE, KEY, 80).toString('hex'), golden.replaceAll(' ', ''))
  const echo = answerTo(
    PROBE,
    {
      session: 'e1e2e3e4e5e6e7e8',
      word: { phase: 'GATEWAY_FALLBACK', epoch: 9, ready: false, holdMs: 1, reason: 'certificate' },
    },
    KEY,
    80,
  )
  t.match(
    echo.toString('hex'),
    new RegExp(
      '^464e500102010050b1b2b3b4b5b6b7b8a1a2a3a4a5a6a7a8' +
        'e1e2e3e4e5e6e7e8d1d2d3d4d5d6d7d801020304000000090000000103',
    ),
  )
  t.end()
})

t.test('every message of every size is read back, and first names the key it needs', (t) => {
  const size = fc.integer({ min: LEAST_BYTES, max: MOST_BYTES })
  holdsForAll(t, fc.tuple(anyMessage, size), ([message, sizeBytes]) => {
    const datagram = encode(message, KEY, sizeBytes)
    const { kind, lane, from, to } = message
    if (datagram.length !== sizeBytes) throw new Error('another size')
    deepStrictEqual(peek(datagram), { kind, lane, from, to })
    deepStrictEqual(open(datagram, KEY), message)
  })
  t.end()
})

t.test('a hold-off that does not fit is clipped, not wrapped', (t) => {
  const cases: readonly (readonly [holdMs: number, arrives: number])[] = [
    [2 ** 40, 0xffff_ffff],
    [Infinity, 0xffff_ffff],
    [-5, 0],
    [12.6, 13],
  ]
  for (const [holdMs, arrives] of cases) {
    const message = open(encode({ ...PROBE, word: { ...PROBE.word, holdMs } }, KEY, 96), KEY)
    t.match(message, { word: { holdMs: arrives } })
  }
  t.end()
})

t.test('one flipped bit anywhere is refused, even in the padding', (t) => {
  const whole = encode(PROBE, KEY, 120)
  const refusals = new Set<string>()
  for (let bit = 0; bit < whole.length * 8; bit++) {
    const datagram = Buffer.from(whole)
    datagram[bit >> 3] = (datagram[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    const outcome = open(datagram, KEY)
    if (typeof outcome !== 'string') t.fail(`bit ${String(bit)} makes no difference`)
    else refusals.add(outcome)
  }
  t.same([...refusals].sort(), ['forged', 'garbage', 'version'])
  t.end()
})

t.test('a truncated or extended datagram of any length is refused', (t) => {
  const whole = encode(PROBE, KEY, 120)
  for (let length = 0; length < whole.length; length++)
    t.equal(open(whole.subarray(0, length), KEY), 'garbage')
  for (const more of [1, 50, MOST_BYTES - 120])
    t.equal(open(Buffer.concat([whole, Buffer.alloc(more)]), KEY), 'garbage')
  t.end()
})

// what is wrong, the datagram, what is reported with and without the key
const refused: readonly (readonly [string, Buffer, string, string?])[] = [
  ['nothing', Buffer.alloc(0), 'garbage'],
  ['zeros', Buffer.alloc(96), 'garbage'],
  ['a string', Buffer.from('GET / HTTP/1.1\r\n'.repeat(8)), 'garbage'],
  ['more than an Ethernet frame holds', Buffer.alloc(MOST_BYTES + 1), 'oversized'],
  [
    'a valid one with a long tail',
    Buffer.concat([encode(PROBE, KEY, 96), Buffer.alloc(65_000)]),
    'oversized',
  ],
  ['another version', signed({ 3: 2 }), 'version'],
  ['kind 0', signed({ 4: 0 }), 'garbage'],
  ['an unknown kind', signed({ 4: 5 }), 'garbage'],
  ['an unknown lane', signed({ 5: 4 }), 'garbage'],
  ['another key', encode(PROBE, OTHER_KEY, 96), 'forged', 'passes'],
  ['a phase of a later agent', signed({ 52: 4 }), 'phase-unknown', 'passes'],
  ['a reason of a later agent', signed({ 54: 255 }), 'reason-unknown', 'passes'],
]
for (const [says, datagram, refusal, peeked = refusal] of refused) {
  t.test(`refused: ${says}`, async (t) => {
    t.equal(open(datagram, KEY), refusal)
    const claim = peek(datagram)
    t.equal(typeof claim === 'string' ? claim : 'passes', peeked)
  })
}

t.test('flags of later agents do not make their messages unreadable', async (t) => {
  t.strictSame(open(signed({ 53: 0xff }), KEY), PROBE)
  t.match(open(signed({ 53: 0xfe }), KEY), { word: { ready: false } })
})

t.test('random bytes are refused without an exception, even with the right beginning', (t) => {
  const bytes = fc.uint8Array({ maxLength: 1600 })
  const begun = fc.tuple(fc.uint8Array({ maxLength: 1500 }), fc.nat(70)).map(([rest, kept]) => {
    const head = encode(PROBE, KEY, 96).subarray(0, kept)
    const all = Buffer.concat([head, rest])
    if (all.length >= 8) all.writeUInt16BE(all.length, 6)
    return all
  })
  holdsForAll(
    t,
    fc.oneof(bytes, begun),
    (value) => {
      const datagram = Buffer.from(value)
      peek(datagram)
      if (typeof open(datagram, KEY) !== 'string') throw new Error('taken')
    },
    2000,
  )
  t.end()
})

t.test('an answer repeats the probe, has the answering side’s state and the probe’s size', (t) => {
  const said = {
    session: '00000000000000ff',
    word: { phase: 'GATEWAY_ONLY', epoch: 1, ready: false, holdMs: 0, reason: 'agent-start' },
  } as const
  for (const [kind, answer] of [
    ['probe', 'echo'],
    ['notice', 'heard'],
  ] as const) {
    for (const sizeBytes of [LEAST_BYTES, 96, MOST_BYTES]) {
      const datagram = answerTo({ ...PROBE, kind }, said, KEY, sizeBytes)
      t.equal(datagram.length, sizeBytes)
      t.strictSame(open(datagram, KEY), {
        ...PROBE,
        kind: answer,
        from: PROBE.to,
        to: PROBE.from,
        session: said.session,
        word: said.word,
      } satisfies Message)
    }
  }
  for (const kind of ['echo', 'heard'] as const)
    t.throws(() => answerTo({ ...PROBE, kind }, said, KEY, 96), TypeError, 'answers get no answer')
  t.end()
})

t.test('a message without an encoding is a bug', (t) => {
  t.throws(() => encode(PROBE, KEY, LEAST_BYTES - 1), RangeError)
  t.throws(() => encode(PROBE, KEY, MOST_BYTES + 1), RangeError)
  t.throws(() => encode({ ...PROBE, nonce: 'd1' }, KEY, 96), TypeError)
  t.throws(() => encode({ ...PROBE, from: 'not hexadecimal!' }, KEY, 96), TypeError)
  t.throws(() => encode({ ...PROBE, sequence: 2 ** 32 }, KEY, 96), RangeError)
  t.end()
})
