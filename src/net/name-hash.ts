// A short hash for derived names: link names, and file names for overlong container IDs. It avoids collisions
// only by chance, so it must not be used against forgery.

const OFFSET_BASIS = 0xcbf29ce484222325n
const PRIME = 0x100000001b3n
const MASK = (1n << 64n) - 1n

/**
 * Returns the 64-bit FNV-1a hash of the text's UTF-8 bytes (RFC 9923). Avoids node:crypto, because loading it
 * costs each CNI call more start-up time than hashing a hundred bytes this way.
 */
export function fnv1a64(text: string): bigint {
  let hash = OFFSET_BASIS
  for (const byte of new TextEncoder().encode(text)) hash = ((hash ^ BigInt(byte)) * PRIME) & MASK
  return hash
}

/**
 * Returns the hash as `digits` (1 to 16) lowercase hex digits. Shorter hashes are XOR-folded as RFC 9923
 * advises, because the low bits alone depend only on the low bits of the input.
 */
export function hexHash(text: string, digits: number): string {
  const bits = BigInt(digits * 4)
  const hash = fnv1a64(text)
  const folded = digits >= 16 ? hash : (hash >> bits) ^ (hash & ((1n << bits) - 1n))
  return (folded & ((1n << bits) - 1n)).toString(16).padStart(digits, '0')
}
