// A Nebula CA for the bench and the certificates it signs: version 1, Ed25519, valid for a year from an hour
// ago. Made here instead of by nebula-cert, so that a thousand take a second and no Nebula is needed.

import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { parsePrefix } from '../../src/addr/prefix.ts'
import { type Field, writeFields, writePacked } from '../../src/nebula/certificate/protobuf.ts'

/**
 * The identity in a certificate: overlay address with the network's length ("10.86.1.1/16"), one host subnet.
 */
interface HostIdentity {
  readonly name: string
  readonly overlay: string
  readonly subnet: string
  /** X25519, 32 bytes; without it the private key does not exist. */
  readonly publicKey?: Uint8Array
}

/** A CA. `pem` is its certificate. */
export interface Authority {
  readonly pem: string
  /** Returns a host certificate as PEM text. */
  readonly issue: (identity: HostIdentity) => string
}

const YEAR_SECONDS = 365 * 24 * 3600

/**
 * Creates a CA with its own key, which exists only in this process.
 * @param now Unix time in seconds
 */
export function makeAuthority(now: number): Authority {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const validity = [
    { number: 5, value: BigInt(now - 3600) },
    { number: 6, value: BigInt(now + YEAR_SECONDS) },
  ]
  // Field numbers of RawNebulaCertificateDetails (cert/cert_v1.proto), ascending; 8 is isCA, 9 the issuer.
  const root = seal(
    [
      { number: 1, value: Buffer.from('flatnet bench') },
      ...validity,
      { number: 7, value: Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url') },
      { number: 8, value: 1n },
    ],
    privateKey,
  )
  const issuer = createHash('sha256').update(root).digest()
  return {
    pem: pemOf(root),
    issue: ({ name, overlay, subnet, publicKey }) =>
      pemOf(
        seal(
          [
            { number: 1, value: Buffer.from(name) },
            { number: 2, value: pairOf(overlay) },
            { number: 3, value: pairOf(subnet) },
            ...validity,
            // Any 32 bytes are a valid X25519 public key (RFC 7748, section 5); no tunnel is ever
            // established with it.
            { number: 7, value: publicKey ?? randomBytes(32) },
            { number: 9, value: issuer },
          ],
          privateKey,
        ),
      ),
  }
}

function seal(details: readonly Field[], key: KeyObject): Buffer {
  const body = writeFields(details)
  return writeFields([
    { number: 1, value: body },
    { number: 2, value: sign(null, body, key) },
  ])
}

// Address and netmask, each a 32-bit number (cert/cert_v1.go, `addr2int`).
function pairOf(text: string): Buffer {
  const prefix = parsePrefix(text)
  if (prefix === undefined) throw new TypeError(`${text} is not ADDRESS/LENGTH`)
  return writePacked([prefix.value, 0xffffffffn ^ ((1n << BigInt(32 - prefix.length)) - 1n)])
}

function pemOf(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN NEBULA CERTIFICATE-----\n${lines.join('\n')}\n-----END NEBULA CERTIFICATE-----\n`
}
