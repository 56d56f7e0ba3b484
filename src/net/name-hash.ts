// A short hash for names that must be derived, not remembered: link names, and file names of over-long container IDs.
// It keeps names apart by chance only; nothing that needs protection from forgery may rest on it.

const OFFSET_BASIS = 0xcbf29ce484222325n
const PRIME = 0x100000001b3n
const MASK = (1n << 64n) - 1n

/**
 * FNV-1a, 64 bits, of the text's UTF-8 bytes (RFC 9923). Not node:crypto: loading it costs each CNI call more
 * start-up time than hashing a hundred bytes this way.
 */
export function fnv1a64(text: string): bigint {
  let hash = OFFSET_BASIS
  for (const byte of new TextEncoder().encode(text)) hash = ((hash ^ BigInt(byte)) * PRIME) & MASK
  return hash
}

/**
 * The hash as `digits` (1 to 16) lower-case hexadecimal digits. Shorter ones are XOR-folded, which RFC 9923 advises
 * because the low bits alone depend on the low bits of the input alone.
 */
export function hexHash(text: string, digits: number): string {
  const bits = BigInt(digits * 4)
  const hash = fnv1a64(text)
  const folded = digits >= 16 ? hash : (hash >> bits) ^ (hash & ((1n << bits) - 1n))
  return (folded & ((1n << bits) - 1n)).toString(16).padStart(digits, '0')
}
