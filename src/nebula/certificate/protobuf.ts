// The part of the protobuf wire format that a version 1 certificate uses: varints and length-delimited
// fields. The reader is bounded but lenient about form; certificate-v1.ts re-encodes what it read and
// compares the bytes. Source: protobuf.dev, "Encoding".

/** One field of a message: a varint as a 64-bit unsigned number, or the bytes of wire type 2. */
export interface Field {
  readonly number: number
  readonly value: bigint | Uint8Array
}

/**
 * Returns the fields of a message in order. Returns undefined when it is truncated or uses another wire type.
 */
export function readFields(bytes: Uint8Array): Field[] | undefined {
  const fields: Field[] = []
  for (let at = 0; at < bytes.length;) {
    const key = readVarint(bytes, at)
    const first = key && readVarint(bytes, key.end)
    if (key === undefined || first === undefined || key.value > 0xffffffffn) return undefined
    const wireType = key.value & 7n
    const number = Number(key.value >> 3n)
    if (number === 0 || (wireType !== 0n && wireType !== 2n)) return undefined
    at = first.end
    if (wireType === 0n) {
      fields.push({ number, value: first.value })
    } else {
      if (first.value > BigInt(bytes.length - at)) return undefined
      at += Number(first.value)
      fields.push({ number, value: bytes.subarray(first.end, at) })
    }
  }
  return fields
}

/** Returns the numbers of a packed repeated field. Returns undefined when the last one is truncated. */
export function readPacked(bytes: Uint8Array): bigint[] | undefined {
  const values: bigint[] = []
  for (let at = 0; at < bytes.length;) {
    const varint = readVarint(bytes, at)
    if (varint === undefined) return undefined
    values.push(varint.value)
    at = varint.end
  }
  return values
}

/**
 * Encodes a message with exactly these fields, with minimal varints. The caller omits what proto3 omits
 * (zero, empty).
 */
export function writeFields(fields: readonly Field[]): Buffer {
  return Buffer.concat(
    fields.map(({ number, value }) =>
      typeof value === 'bigint'
        ? Buffer.concat([writeVarint(BigInt(number) << 3n), writeVarint(value)])
        : Buffer.concat([writeVarint((BigInt(number) << 3n) | 2n), writeVarint(BigInt(value.length)), value]),
    ),
  )
}

/** Encodes a packed repeated field. */
export function writePacked(values: readonly bigint[]): Buffer {
  return Buffer.concat(values.map(writeVarint))
}

function readVarint(bytes: Uint8Array, start: number): { value: bigint; end: number } | undefined {
  let value = 0n
  // Ten groups of seven bits hold a 64-bit number. The tenth has room for only one bit and is always the
  // last.
  for (let index = 0; ; index++) {
    const byte = bytes[start + index]
    if (byte === undefined || (index === 9 && byte > 1)) return undefined
    value |= BigInt(byte & 0x7f) << BigInt(7 * index)
    if (byte < 0x80) return { value, end: start + index + 1 }
  }
}

function writeVarint(value: bigint): Buffer {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, value)
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  bytes.push(Number(rest))
  return Buffer.from(bytes)
}
