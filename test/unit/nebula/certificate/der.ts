import fc from 'fast-check'
import t from 'tap'

import { readElements, readInteger } from '../../../../src/nebula/certificate/der.ts'
import { holdsForAll } from '../fixtures/property.ts'
import { der } from '../fixtures/issue.ts'

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')

t.test('elements of every size up to 65,535 bytes are read', (t) => {
  for (const size of [0, 1, 127, 128, 255, 256, 257, 65535]) {
    const content = Buffer.alloc(size, 7)
    const bytes = der(0x80, [content])
    t.same(readElements(bytes), [{ tag: 0x80, value: content, raw: bytes }], `${String(size)} bytes`)
  }
  t.same(
    readElements(hex('30 00 04 01 05'))?.map(({ tag, raw }) => [tag, raw.length]),
    [
      [0x30, 2],
      [0x04, 3],
    ],
    'two in a row',
  )
  t.same(readElements(hex('')), [], 'none')
  t.end()
})

t.test('anything but DER is refused', (t) => {
  const cases: readonly (readonly [bytes: string, says: string])[] = [
    ['30', 'no length'],
    ['30 01', 'no content'],
    ['30 02 00', 'content cut off'],
    ['30 80 00 00', 'indefinite length'],
    ['30 81', 'length cut off'],
    [`30 81 7f ${'00'.repeat(127)}`, 'one length byte too many'],
    [`30 82 00 ff ${'00'.repeat(255)}`, 'two length bytes where one is enough'],
    ['30 83 01 00 00', 'more than any certificate has'],
    ['30 ff', 'the reserved length'],
    ['1f 01 00', 'a tag of several bytes'],
    ['bf 1f 00', 'a context tag of several bytes'],
    ['30 00 00', 'a rest of one byte'],
  ]
  for (const [bytes, says] of cases) t.equal(readElements(hex(bytes)), undefined, says)
  t.end()
})

t.test('integers are read in their shortest form only', (t) => {
  const cases: readonly (readonly [bytes: string, value: bigint | undefined])[] = [
    ['00', 0n],
    ['7f', 127n],
    ['00 80', 128n],
    ['80', -128n],
    ['ff', -1n],
    ['ff 7f', -129n],
    ['7f ff ff ff ff ff ff ff', 0x7fffffffffffffffn],
    ['80 00 00 00 00 00 00 00', -0x8000000000000000n],
    ['', undefined],
    ['00 7f', undefined],
    ['00 00', undefined],
    ['ff 80', undefined],
    ['ff ff', undefined],
    ['01 00 00 00 00 00 00 00 00', undefined],
  ]
  for (const [bytes, value] of cases) t.equal(readInteger(hex(bytes)), value, bytes)
  t.end()
})

t.test('everything that is read is written as the same bytes', (t) => {
  const some = fc.array(fc.tuple(fc.constantFrom(0x30, 0x80, 0x04, 0xa1), fc.uint8Array({ maxLength: 300 })))
  holdsForAll(t, some, (items) => {
    const bytes = Buffer.concat(items.map(([tag, content]) => der(tag, [content])))
    const read = readElements(bytes) ?? []
    if (!Buffer.concat(read.map(({ tag, value }) => der(tag, [value]))).equals(bytes))
      throw new Error('differs')
    if (read.length !== items.length) throw new Error('not all of them')
  })
  holdsForAll(t, fc.uint8Array({ maxLength: 12 }), (bytes) => {
    const read = readElements(bytes)
    if (read && !Buffer.concat(read.map(({ tag, value }) => der(tag, [value]))).equals(bytes)) {
      throw new Error('two encodings of one value')
    }
  })
  t.end()
})
