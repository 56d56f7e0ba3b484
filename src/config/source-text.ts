// Decodes texts that people wrote. Windows editors and PowerShell redirection leave encodings other than
// UTF-8 behind. Pure.

import { isUtf8 } from 'node:buffer'

/**
 * U+FEFF at the start of a text (Unicode, section 23.8). RFC 8259, section 8.1: a JSON parser may ignore it.
 */
export const BYTE_ORDER_MARK = '\uFEFF'

/** The text including its byte order mark, or a problem in words to put after the file's name. */
export type Decoded = { readonly text: string } | { readonly problem: string }

/** Decodes UTF-8. Refuses any other encoding by name. */
export function decodeText(bytes: Buffer): Decoded {
  const wide = wideEncoding(bytes)
  if (wide !== undefined) {
    const makers = `Notepad's "Unicode" and the ">" of Windows PowerShell write it`
    const remedy = `save it as UTF-8 (Notepad: "UTF-8"; iconv -f ${wide} -t UTF-8)`
    return { problem: `is ${wide} text (${makers}): ${remedy}` }
  }
  if (bytes.includes(0))
    return { problem: 'has NUL bytes, so it is not a text file: put the right file there' }
  if (isUtf8(bytes)) return { text: bytes.toString('utf8') }
  const { byte, line } = firstForeign(bytes)
  return {
    problem:
      `is not UTF-8 text: byte 0x${byte} in line ${String(line)} has another encoding: ` + 'save it as UTF-8',
  }
}

/** Decodes UTF-8, and UTF-16 with a byte order mark, as YAML readers do (YAML 1.2.2, section 5.2). */
export function decodeUnicode(bytes: Buffer): Decoded {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { text: bytes.toString('utf16le') }
  if (bytes[0] === 0xfe && bytes[1] === 0xff && bytes.length % 2 === 0)
    return { text: Buffer.from(bytes).swap16().toString('utf16le') }
  return decodeText(bytes)
}

/** Returns the text without a leading byte order mark. */
export function withoutMark(text: string): string {
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text
}

// How many characters to inspect if there is no byte order mark. Other files occasionally start with a zero
// byte.
const LOOKS = 8

// Recognises the encoding by its byte order mark, or by ASCII text in it, where every other byte is zero. The
// names are iconv's.
function wideEncoding(bytes: Buffer): string | undefined {
  const [a, b, c, d] = bytes
  if (a === 0xff && b === 0xfe) return c === 0 && d === 0 && bytes.length > 2 ? 'UTF-32' : 'UTF-16'
  if (a === 0xfe && b === 0xff) return 'UTF-16'
  const pairs = [
    ...bytes
      .subarray(0, 2 * LOOKS)
      .toString('latin1')
      .matchAll(/([^])([^])/g),
  ]
  const isAscii = (one: 1 | 2, other: 1 | 2): boolean =>
    pairs.length > 0 && pairs.every((pair) => /[\t\r\n -~]/.test(pair[one] ?? '') && pair[other] === '\0')
  if (isAscii(1, 2)) return 'UTF-16LE'
  return isAscii(2, 1) ? 'UTF-16BE' : undefined
}

// Node replaces invalid UTF-8 with U+FFFD. A genuine U+FFFD is EF BF BD in the file.
function firstForeign(bytes: Buffer): { readonly byte: string; readonly line: number } {
  const text = bytes.toString('utf8')
  let index = text.indexOf('\uFFFD')
  let at = Buffer.byteLength(text.slice(0, index))
  while (bytes.subarray(at, at + 3).toString('hex') === 'efbfbd') {
    index = text.indexOf('\uFFFD', index + 1)
    at = Buffer.byteLength(text.slice(0, index))
  }
  return { byte: bytes.toString('hex', at, at + 1), line: text.slice(0, index).split('\n').length }
}
