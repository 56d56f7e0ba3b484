import { readFileSync } from 'node:fs'
import t from 'tap'
import {
  HEAD_BYTES,
  machineOf,
  MOST_PROGRAM_BYTES,
  PIECE_BYTES,
  readOffer,
  readPiece,
} from '../../../../src/provision/enrolment/programs.ts'

t.test('the processor of a program is in its head', async (t) => {
  const own = readFileSync(process.execPath).subarray(0, HEAD_BYTES)
  t.equal(machineOf(own), process.arch)
  const changed = (at: number, value: number): Buffer => {
    const head = Buffer.from(own)
    head[at] = value
    return head
  }
  t.equal(machineOf(changed(18, 183)), 'arm64')
  t.equal(machineOf(changed(18, 40)), undefined, '32-bit ARM')
  t.equal(machineOf(changed(4, 1)), undefined, '32 bits')
  t.equal(machineOf(changed(5, 2)), undefined, 'big-endian')
  t.equal(machineOf(changed(0, 0x23)), undefined, 'a script')
  t.equal(machineOf(own.subarray(0, 19)), undefined)
})

t.test('an offer of another form is none', async (t) => {
  const one = { name: 'nebula', bytes: 5, sha256: 'ab'.repeat(32) }
  t.same(readOffer([one]), [one])
  for (const change of [
    { name: '../nebula' },
    { bytes: 0 },
    { bytes: 1.5 },
    { bytes: MOST_PROGRAM_BYTES + 1 },
    { sha256: 'AB'.repeat(32) },
    { more: 1 },
  ])
    t.equal(readOffer([{ ...one, ...change }]), undefined, JSON.stringify(change))
  for (const odd of [undefined, {}, [1], [one, one, one]]) t.equal(readOffer(odd), undefined)
})

t.test('a piece is base64 of a limited size', async (t) => {
  t.equal(readPiece(Buffer.from('ab').toString('base64'))?.toString(), 'ab')
  for (const odd of ['', 'a', 'YWI', 'Y W=', 5, Buffer.alloc(PIECE_BYTES + 1).toString('base64')])
    t.equal(readPiece(odd), undefined)
})
