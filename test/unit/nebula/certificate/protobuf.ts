import fc from 'fast-check'
import t from 'tap'

import {
  readFields,
  readPacked,
  writeFields,
  writePacked,
} from '../../../../src/nebula/certificate/protobuf.ts'
import { holdsForAll } from '../fixtures/property.ts'

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')

t.test('the examples of the protobuf documentation are read and written', (t) => {
  const cases = [
    { bytes: '08 96 01', fields: [{ number: 1, value: 150n }] },
    { bytes: '12 07 74 65 73 74 69 6e 67', fields: [{ number: 2, value: Buffer.from('testing') }] },
    { bytes: '', fields: [] },
    { bytes: 'a0 06 01', fields: [{ number: 100, value: 1n }] },
    { bytes: '08 ff ff ff ff ff ff ff ff ff 01', fields: [{ number: 1, value: 0xffffffffffffffffn }] },
  ]
  for (const { bytes, fields } of cases) {
    t.same(readFields(hex(bytes)), fields, `reads ${bytes}`)
    t.same(writeFields(fields), hex(bytes), `writes ${bytes}`)
  }
  t.same(readPacked(hex('03 8e 02 9e a7 05')), [3n, 270n, 86942n], 'packed list')
  t.same(writePacked([3n, 270n, 86942n]), hex('03 8e 02 9e a7 05'))
  t.end()
})

t.test('broken and unused encodings are refused', (t) => {
  const cases: readonly (readonly [bytes: string, says: string])[] = [
    ['08', 'a key without value'],
    ['08 80', 'a varint cut off'],
    ['80', 'a key cut off'],
    ['12 05 00', 'bytes cut off'],
    ['12 ff ff ff ff ff ff ff ff ff 01', 'a length beyond everything'],
    ['00 01', 'field number 0'],
    ['0d 00 00 00 00', 'a 32-bit field'],
    ['09 00 00 00 00 00 00 00 00', 'a 64-bit field'],
    ['0b 0c', 'a group'],
    ['08 ff ff ff ff ff ff ff ff ff 02', 'more than 64 bits'],
    ['08 80 80 80 80 80 80 80 80 80 80 01', 'a varint of 11 bytes'],
    ['88 80 80 80 80 01 01', 'a key of more than 32 bits'],
  ]
  for (const [bytes, says] of cases) t.equal(readFields(hex(bytes)), undefined, says)
  t.equal(readPacked(hex('01 80')), undefined, 'a packed list cut off')
  t.end()
})

t.test('written fields read back the same', (t) => {
  const value = fc.oneof(fc.bigInt({ min: 0n, max: 0xffffffffffffffffn }), fc.uint8Array({ maxLength: 300 }))
  const field = fc.record({ number: fc.integer({ min: 1, max: 536870911 }), value })
  holdsForAll(t, fc.array(field), (fields) => {
    const read = readFields(writeFields(fields)) ?? []
    const plain = (list: typeof read): string =>
      list
        .map((each) => [each.number, typeof each.value === 'bigint' ? each.value : [...each.value]].join(':'))
        .join(';')
    if (plain(read) !== plain(fields)) throw new Error(`${plain(read)} instead of ${plain(fields)}`)
  })
  t.end()
})

t.test('arbitrary bytes are read or refused without an exception', (t) => {
  holdsForAll(t, fc.uint8Array({ maxLength: 64 }), (bytes) => {
    readFields(bytes)
    readPacked(bytes)
  })
  t.end()
})
