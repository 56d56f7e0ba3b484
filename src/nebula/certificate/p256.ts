// The second form of every ECDSA signature. Anyone who has (r, s) can compute (r, n - s), which verifies as
// well and gives the certificate a different fingerprint. A block list that names one must match both
// (GHSA-69x3-g4r3-p962, cert/p256/p256.go).

import { readElements, readInteger } from './der.ts'

// The order n of the base point of secp256r1 (SEC 2, section 2.4.2).
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

/**
 * Returns the other form of a DER signature. Returns undefined unless the bytes are a DER signature with 0 <
 * r, s < n.
 */
export function otherForm(signature: Uint8Array): Buffer | undefined {
  const outer = readElements(signature)
  const [sequence] = outer ?? []
  if (sequence === undefined || outer?.length !== 1 || sequence.tag !== 0x30) return undefined
  const inner = readElements(sequence.value)
  const [r, s] = inner ?? []
  if (r === undefined || s === undefined || inner?.length !== 2) return undefined
  const sValue = readScalar(s)
  if (readScalar(r) === undefined || sValue === undefined) return undefined
  return element(0x30, Buffer.concat([r.raw, element(0x02, scalarBytes(ORDER - sValue))]))
}

function readScalar({ tag, value }: { tag: number; value: Uint8Array }): bigint | undefined {
  // readInteger takes at most eight bytes. The first eight are enough to check the sign and the minimal form.
  const head = readInteger(value.subarray(0, 8))
  if (tag !== 0x02 || head === undefined || head < 0n || value.length > 33) return undefined
  const scalar = BigInt(`0x${Buffer.from(value).toString('hex')}`)
  return scalar > 0n && scalar < ORDER ? scalar : undefined
}

function scalarBytes(scalar: bigint): Buffer {
  const hex = scalar.toString(16)
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  return (bytes[0] ?? 0) < 0x80 ? bytes : Buffer.concat([Buffer.of(0), bytes])
}

// Two scalars of 33 bytes with their headers take 70 bytes, so every length fits in one byte.
function element(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.of(tag, content.length), content])
}
