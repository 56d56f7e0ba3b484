// Version 1: protobuf (cert/cert_v1.proto). Nebula verifies and fingerprints its own re-encoding of what it
// parsed. Only input equal to that re-encoding is accepted, because Nebula would neither verify nor see any
// other bytes.

import type { Prefix } from '../../addr/prefix.ts'
import { type Certificate, CURVES, type Decoded } from './certificate.ts'
import { completeCertificate, decodeText, decodeTime } from './facts.ts'
import { type Field, readFields, readPacked, writeFields, writePacked } from './protobuf.ts'
import { refused, undecodable } from './refusal.ts'

type Value = Field['value']

// Field numbers of RawNebulaCertificateDetails.
const FIELD = {
  name: 1,
  ips: 2,
  subnets: 3,
  groups: 4,
  notBefore: 5,
  notAfter: 6,
  publicKey: 7,
  isCa: 8,
  issuer: 9,
  curve: 100,
} as const
const KNOWN: ReadonlySet<number> = new Set(Object.values(FIELD))

/**
 * Decodes one certificate. Throws CniError DecodeFailure when the bytes are not its canonical encoding. Also
 * throws what {@link completeCertificate} throws.
 */
export function decodeV1(bytes: Uint8Array, where: string): Certificate {
  const outer = readFields(bytes) ?? broken(where)
  const [details, signature] = outer
  if (outer.length !== 2 || !isBytes(details, 1) || !isBytes(signature, 2)) {
    throw undecodable(
      where,
      'holds something other than Details and Signature; sign it again with nebula-cert',
    )
  }
  const decoded = decodeDetails(details.value, signature.value, where)
  // The reader is lenient about field order, unpacked lists, long varints, explicit zeros and repeated
  // fields. This comparison rejects them all.
  if (!writeFields(outer).equals(bytes) || !encodeDetails(decoded).equals(details.value)) {
    throw notCanonical(where)
  }
  if (!decoded.isCa && decoded.networks.length > 1) {
    throw refused(
      where,
      'Ips: a host certificate of version 1 has one overlay address, and Nebula ignores more; sign it again',
    )
  }
  return completeCertificate(decoded, where)
}

function decodeDetails(details: Uint8Array, signature: Uint8Array, where: string): Decoded {
  const values = new Map<number, Value[]>()
  for (const { number, value } of readFields(details) ?? broken(where)) {
    if (!KNOWN.has(number)) {
      throw undecodable(
        where,
        `Details: unknown field ${String(number)}; no Nebula version writes it, sign it again`,
      )
    }
    const list = values.get(number)
    if (list === undefined) values.set(number, [value])
    else list.push(value)
  }
  const bytesOf = (field: number): Uint8Array => asBytes(values.get(field)?.[0] ?? Buffer.of(), where)
  const numberOf = (field: number): bigint => asNumber(values.get(field)?.[0] ?? 0n, where)
  const timeOf = (field: 'notBefore' | 'notAfter'): number =>
    decodeTime(BigInt.asIntN(64, numberOf(FIELD[field])), field, where)

  const curve = CURVES[Number(numberOf(FIELD.curve))]
  if (curve === undefined) throw undecodable(where, 'curve: is neither CURVE25519 nor P256; sign it again')
  const issuer = bytesOf(FIELD.issuer)
  if (issuer.length !== 0 && issuer.length !== 32) {
    throw undecodable(
      where,
      `Issuer: has ${String(issuer.length)} bytes, a fingerprint has 32; sign it again`,
    )
  }
  return {
    version: 1,
    name: decodeText(bytesOf(FIELD.name), 'Name', where),
    networks: decodePairs(bytesOf(FIELD.ips), 'Ips', where),
    unsafeNetworks: decodePairs(bytesOf(FIELD.subnets), 'Subnets', where),
    groups: (values.get(FIELD.groups) ?? []).map((group) =>
      decodeText(asBytes(group, where), 'Groups', where),
    ),
    isCa: numberOf(FIELD.isCa) !== 0n,
    notBefore: timeOf('notBefore'),
    notAfter: timeOf('notAfter'),
    issuer: Buffer.from(issuer).toString('hex'),
    curve,
    publicKey: bytesOf(FIELD.publicKey),
    signature,
    signedBytes: details,
  }
}

// Alternating addresses and netmasks, each a 32-bit number (cert/cert_v1.go, `addr2int`).
function decodePairs(packed: Uint8Array, field: string, where: string): Prefix[] {
  const numbers = readPacked(packed) ?? broken(where)
  if (numbers.length % 2 !== 0 || numbers.some((number) => number > 0xffffffffn)) {
    throw undecodable(where, `${field}: is not a list of address and mask pairs; sign it again`)
  }
  const prefixes: Prefix[] = []
  for (let index = 0; index < numbers.length; index += 2) {
    const [value = 0n, mask = 0n] = numbers.slice(index, index + 2)
    const hostBits = (mask ^ 0xffffffffn).toString(2)
    // Nebula 1.6.1 takes the mask 255.0.255.0 literally and 1.10 reads it as /0, so it is always a mistake.
    if (hostBits !== '0' && hostBits.includes('0')) {
      const octets = Buffer.from(mask.toString(16).padStart(8, '0'), 'hex').join('.')
      throw undecodable(where, `${field}: the mask ${octets} has a gap; sign it again`)
    }
    prefixes.push({ family: 4, value, length: hostBits === '0' ? 32 : 32 - hostBits.length })
  }
  return prefixes
}

// Encodes like Go's proto.Marshal: ascending field numbers, no zero or empty values, packed lists.
function encodeDetails(decoded: Decoded): Buffer {
  const fields: Field[] = [
    { number: FIELD.name, value: Buffer.from(decoded.name) },
    { number: FIELD.ips, value: encodePairs(decoded.networks) },
    { number: FIELD.subnets, value: encodePairs(decoded.unsafeNetworks) },
    ...decoded.groups.map((group) => ({ number: FIELD.groups, value: Buffer.from(group) })),
    { number: FIELD.notBefore, value: BigInt(decoded.notBefore) },
    { number: FIELD.notAfter, value: BigInt(decoded.notAfter) },
    { number: FIELD.publicKey, value: decoded.publicKey },
    { number: FIELD.isCa, value: decoded.isCa ? 1n : 0n },
    { number: FIELD.issuer, value: Buffer.from(decoded.issuer, 'hex') },
    { number: FIELD.curve, value: BigInt(CURVES.indexOf(decoded.curve)) },
  ]
  return writeFields(
    fields.filter(({ number, value }) =>
      typeof value === 'bigint' ? value !== 0n : value.length > 0 || number === FIELD.groups,
    ),
  )
}

function encodePairs(prefixes: readonly Prefix[]): Buffer {
  return writePacked(
    prefixes.flatMap(({ value, length }) => [value, 0xffffffffn ^ ((1n << BigInt(32 - length)) - 1n)]),
  )
}

function isBytes(field: Field | undefined, number: number): field is { number: number; value: Uint8Array } {
  return field?.number === number && typeof field.value !== 'bigint'
}

// A mismatch means an unpacked list, or a field whose wire type does not fit its number.
function asBytes(value: Value, where: string): Uint8Array {
  if (typeof value === 'bigint') throw notCanonical(where)
  return value
}

function asNumber(value: Value, where: string): bigint {
  if (typeof value !== 'bigint') throw notCanonical(where)
  return value
}

function notCanonical(where: string): Error {
  return undecodable(
    where,
    'Details: is not in the canonical encoding, so Nebula would verify other bytes; ' +
      'sign it again with nebula-cert',
  )
}

function broken(where: string): never {
  throw undecodable(where, 'the protobuf encoding is damaged; copy the file again from where it was signed')
}
