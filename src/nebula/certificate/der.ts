// Reads DER as strictly as X.690 section 10 defines it, so that every value has exactly one encoding.
// Supports only what a certificate of at most 65,536 bytes needs: one-byte tags and definite lengths of up to
// two bytes.

/** One element. `raw` is tag, length and value together. */
export interface Element {
  readonly tag: number
  readonly value: Uint8Array
  readonly raw: Uint8Array
}

/**
 * Returns the elements that fill `bytes` exactly. Returns undefined when an element is truncated or not valid
 * DER, or when bytes are left over.
 */
export function readElements(bytes: Uint8Array): Element[] | undefined {
  const elements: Element[] = []
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at]
    const length = readLength(bytes, at + 1)
    // Tag number 31 starts a multi-byte tag (X.690, 8.1.2.4).
    if (tag === undefined || (tag & 0x1f) === 0x1f || length === undefined) return undefined
    const end = length.end + length.value
    if (end > bytes.length) return undefined
    elements.push({ tag, value: bytes.subarray(length.end, end), raw: bytes.subarray(at, end) })
    at = end
  }
  return elements
}

/**
 * Returns the value of an INTEGER of at most 8 bytes. Returns undefined when it is empty, longer, or not
 * minimal (X.690, 8.3.2).
 */
export function readInteger(content: Uint8Array): bigint | undefined {
  const [first, second = 0] = content
  if (first === undefined || content.length > 8) return undefined
  if (content.length > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80))) {
    return undefined
  }
  let value = 0n
  for (const byte of content) value = (value << 8n) | BigInt(byte)
  return BigInt.asIntN(8 * content.length, value)
}

function readLength(bytes: Uint8Array, at: number): { value: number; end: number } | undefined {
  const [first, second = 0, third = 0] = bytes.subarray(at, at + 3)
  if (first === undefined) return undefined
  if (first < 0x80) return { value: first, end: at + 1 }
  // Accept only the shortest form (X.690, 10.1). A length byte past the end needs no check: the value does
  // not fit then either.
  if (first === 0x81) return second < 0x80 ? undefined : { value: second, end: at + 2 }
  if (first === 0x82) return second === 0 ? undefined : { value: second * 256 + third, end: at + 3 }
  return undefined
}
