// The second form of every ECDSA signature. Whoever holds (r, s) can write (r, n - s), which verifies as well and gives
// the certificate another fingerprint: a block list that knows one has to catch both (GHSA-69x3-g4r3-p962,
// cert/p256/p256.go).

import { readElements, readInteger } from './der.ts'

// SEC 2 section 2.4.2, the order n of the base point of secp256r1.
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

/** The other form of a DER signature; undefined when the bytes are no signature in DER with 0 < r, s < n. */
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
  // readInteger takes eight bytes at most, which is all that the form of the first ones needs.
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

// Two scalars of 33 bytes with their heads are 70 bytes, so a length always fits one byte.
function element(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.of(tag, content.length), content])
}
