// Version 2: DER. cert/cert_v2.go is authoritative; cert_v2.asn1 is only approximate. The strict reader
// allows one encoding per value, and this file checks order and sorting, so a decoded certificate encodes
// back to the same bytes.

import { ipFromBytes } from '../../addr/ip.ts'
import { formatPrefix, type Prefix } from '../../addr/prefix.ts'
import { type Certificate, CURVES, type Decoded } from './certificate.ts'
import { type Element, readElements, readInteger } from './der.ts'
import { completeCertificate, decodeText, decodeTime } from './facts.ts'
import { comparePrefixes } from '../hosts/prefix-order.ts'
import { refused, undecodable } from './refusal.ts'

// Tags of the outer elements in order. The tags of the details start from zero again.
const TAG = { sequence: 0x30, details: 0xa0, curve: 0x81, publicKey: 0x82, signature: 0x83 } as const
const DETAIL = {
  name: 0x80,
  networks: 0xa1,
  unsafeNetworks: 0xa2,
  groups: 0xa3,
  isCa: 0x84,
  notBefore: 0x85,
  notAfter: 0x86,
  issuer: 0x87,
} as const
const OCTET_STRING = 0x04
const UTF8_STRING = 0x0c
const MAX_NAME_BYTES = 253

/**
 * Decodes one certificate. Throws CniError DecodeFailure when the bytes are not its DER encoding, and
 * CertificateRefused for networks that Nebula would refuse. Also throws what {@link completeCertificate}
 * throws.
 */
export function decodeV2(bytes: Uint8Array, where: string): Certificate {
  const [sequence, ...rest] = elementsOf(bytes, 'the certificate', where)
  if (sequence?.tag !== TAG.sequence || rest.length > 0) throw misshapen('the certificate', where)
  const outer = elementsOf(sequence.value, 'the certificate', where)
  const details = take(outer, TAG.details) ?? missing('details', where)
  const curveByte = take(outer, TAG.curve)?.value
  const publicKey = take(outer, TAG.publicKey)?.value ?? missing('publicKey', where)
  const signature = take(outer, TAG.signature)?.value ?? missing('signature', where)
  if (outer.length > 0) throw misshapen('the certificate', where)
  // DER omits the default. An explicit zero would be a second encoding with the same fingerprint, because
  // outside the details the fingerprint covers values and not their encoding.
  const curve = curveByte === undefined ? 'CURVE25519' : CURVES[curveByte[0] ?? 0]
  if (
    curve === undefined ||
    (curveByte !== undefined && (curve === 'CURVE25519' || curveByte.length !== 1))
  ) {
    throw undecodable(where, 'curve: is neither absent nor P256; sign it again')
  }
  const facts = decodeDetails(details.value, where)
  checkNetworks(facts, where)
  const signedBytes = Buffer.concat([details.raw, curveByte ?? Buffer.of(0), publicKey])
  return completeCertificate({ version: 2, ...facts, curve, publicKey, signature, signedBytes }, where)
}

type Details = Omit<Decoded, 'version' | 'curve' | 'publicKey' | 'signature' | 'signedBytes'>

function decodeDetails(bytes: Uint8Array, where: string): Details {
  const elements = elementsOf(bytes, 'details', where)
  const name = take(elements, DETAIL.name)?.value ?? missing('name', where)
  if (name.length === 0 || name.length > MAX_NAME_BYTES) {
    throw undecodable(
      where,
      `name: has ${String(name.length)} bytes; 1 to ${String(MAX_NAME_BYTES)} are allowed`,
    )
  }
  const networks = takeNetworks(elements, 'networks', where)
  const unsafeNetworks = takeNetworks(elements, 'unsafeNetworks', where)
  const groups = takeList(elements, 'groups', UTF8_STRING, where).map((group) =>
    decodeText(group, 'groups', where),
  )
  const isCa = take(elements, DETAIL.isCa)?.value
  // X.690, 11.1: true is 0xff. False is the default and is omitted.
  if (isCa !== undefined && (isCa.length !== 1 || isCa[0] !== 0xff)) throw misshapen('isCA', where)
  const notBefore = takeTime(elements, 'notBefore', where)
  const notAfter = takeTime(elements, 'notAfter', where)
  const issuer = take(elements, DETAIL.issuer)?.value
  if (issuer !== undefined && issuer.length !== 32) throw misshapen('issuer', where)
  // Like Nebula, accept fields of a later version, which the signature covers too. Refuse known fields that
  // are out of order.
  if (elements.some(({ tag }) => tag <= DETAIL.issuer || (tag & 0x1f) <= 7)) throw misshapen('details', where)
  return {
    name: decodeText(name, 'name', where),
    networks,
    unsafeNetworks,
    groups,
    isCa: isCa !== undefined,
    notBefore,
    notAfter,
    issuer: Buffer.from(issuer ?? []).toString('hex'),
  }
}

// Checks the rules of `validate` in cert/cert_v2.go that concern several fields or the order of a list.
function checkNetworks({ isCa, networks, unsafeNetworks }: Details, where: string): void {
  for (const [field, list] of Object.entries({ networks, unsafeNetworks })) {
    list.forEach((prefix, index) => {
      const before = list[index - 1]
      if (before !== undefined && comparePrefixes(before, prefix) >= 0) {
        throw undecodable(
          where,
          `${field}: is not sorted, or has a duplicate, at ${formatPrefix(prefix)}; sign it again`,
        )
      }
      // ::ffff:0:0/96 holds IPv4-mapped IPv6 addresses (RFC 4291, 2.5.5.2).
      if (prefix.family === 6 && prefix.value >> 32n === 0xffffn) {
        throw refused(
          where,
          `${field}: ${formatPrefix(prefix)} is an IPv4 address written as IPv6; sign it again`,
        )
      }
    })
  }
  if (isCa) return
  const stray = unsafeNetworks.find(({ family }) => !networks.some((network) => network.family === family))
  if (stray !== undefined) {
    const family = `IPv${String(stray.family)}`
    throw refused(
      where,
      `unsafeNetworks: ${formatPrefix(stray)} needs an ${family} overlay address, ` +
        'which the certificate lacks; sign again with one in -networks',
    )
  }
}

function takeNetworks(elements: Element[], field: 'networks' | 'unsafeNetworks', where: string): Prefix[] {
  return takeList(elements, field, OCTET_STRING, where).map((bytes) => {
    const length = bytes[bytes.length - 1] ?? 0
    // Address and prefix length: 4 + 1 or 16 + 1 bytes.
    if ((bytes.length !== 5 && bytes.length !== 17) || length > (bytes.length - 1) * 8) {
      throw misshapen(field, where)
    }
    return { ...ipFromBytes(bytes.subarray(0, -1)), length }
  })
}

function takeList(
  elements: Element[],
  field: 'networks' | 'unsafeNetworks' | 'groups',
  itemTag: number,
  where: string,
): Uint8Array[] {
  const list = take(elements, DETAIL[field])
  if (list === undefined) return []
  const items = elementsOf(list.value, field, where)
  // Empty lists and empty items must be omitted.
  if (items.length === 0 || items.some(({ tag, value }) => tag !== itemTag || value.length === 0)) {
    throw misshapen(field, where)
  }
  return items.map(({ value }) => value)
}

function takeTime(elements: Element[], field: 'notBefore' | 'notAfter', where: string): number {
  const content = take(elements, DETAIL[field])?.value ?? missing(field, where)
  return decodeTime(readInteger(content) ?? missing(field, where), field, where)
}

// Removes and returns the first element if it has this tag. The order of fields is fixed, but some are
// optional.
function take(elements: Element[], tag: number): Element | undefined {
  return elements[0]?.tag === tag ? elements.shift() : undefined
}

function elementsOf(bytes: Uint8Array, field: string, where: string): Element[] {
  const elements = readElements(bytes)
  if (elements === undefined) throw misshapen(field, where)
  return elements
}

function missing(field: string, where: string): never {
  throw undecodable(where, `${field}: is missing, out of place or malformed; sign it again with nebula-cert`)
}

function misshapen(field: string, where: string): Error {
  return undecodable(
    where,
    `${field}: is not the DER that Nebula writes; copy the file again or sign it again`,
  )
}
