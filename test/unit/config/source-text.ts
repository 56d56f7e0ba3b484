import t from 'tap'
import { decodeText, decodeUnicode, withoutMark } from '../../../src/config/source-text.ts'

const MARK = '\uFEFF'

t.test('UTF-8 is read, with or without its mark', async (t) => {
  for (const text of ['', 'a', '{"a": 1}\r\n', `${MARK}{}`, '日本語 \uFFFD', '\u{1F600}'])
    t.same(decodeText(Buffer.from(text)), { text }, JSON.stringify(text))
  t.equal(withoutMark(`${MARK}{}`), '{}')
  t.equal(withoutMark(`{}${MARK}`), `{}${MARK}`)
})

const big = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16()

t.test('other encodings are named', async (t) => {
  const cases: readonly [string, Buffer, RegExp][] = [
    ['UTF-16 of Windows', Buffer.from(`${MARK}{}`, 'utf16le'), /^is UTF-16 text .*iconv -f UTF-16 -t UTF-8/],
    ['UTF-16, big-endian', big(`${MARK}{}`), /^is UTF-16 text/],
    ['UTF-16 without a mark', Buffer.from('{}', 'utf16le'), /^is UTF-16LE text/],
    ['UTF-16, big-endian, without a mark', big('{}'), /^is UTF-16BE text/],
    ['nothing but the mark', Buffer.from(MARK, 'utf16le'), /^is UTF-16 text/],
    ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x7b, 0, 0, 0]), /^is UTF-32 text/],
    ['Windows-1252', Buffer.from('a\n"B\xfcro"', 'latin1'), /^is not UTF-8 text: byte 0xfc in line 2 /],
    [
      'a true U+FFFD before it',
      Buffer.concat([Buffer.from('\uFFFD\n'), Buffer.from([0x93])]),
      /0x93 in line 2 /,
    ],
    ['cut off', Buffer.from('é').subarray(0, 1), /byte 0xc3 in line 1 /],
    ['a program', Buffer.from('\x7fELF\0\0'), /^has NUL bytes/],
    ['bytes of any kind', Buffer.from([0, 1, 2, 255, 254]), /^has NUL bytes/],
    ['one zero at the beginning', Buffer.from('\0{"a": 1}'), /^has NUL bytes/],
    ['zeros after a crash', Buffer.alloc(64), /^has NUL bytes/],
  ]
  for (const [name, bytes, says] of cases) t.match(decodeText(bytes), { problem: says }, name)
})

t.test('UTF-16 is recognised by its mark where it is allowed', async (t) => {
  const text = `${MARK}[wsl2]\r\nx=ü`
  t.same(decodeUnicode(Buffer.from(text, 'utf16le')), { text })
  t.same(decodeUnicode(big(text)), { text })
  t.same(decodeUnicode(Buffer.from(text)), { text })
  t.match(decodeUnicode(Buffer.from('{}', 'utf16le')), { problem: /^is UTF-16LE text/ })
  t.match(decodeUnicode(Buffer.from([0xfe, 0xff, 0])), { problem: /^is UTF-16 text/ }, 'half a character')
})
