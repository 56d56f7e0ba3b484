// The rules that both certificate versions share.

import { formatPrefix } from '../../addr/prefix.ts'
import type { Certificate, Decoded } from './certificate.ts'
import { fingerprintOf } from './fingerprint.ts'
import { otherForm } from './p256.ts'
import { refused, undecodable } from './refusal.ts'

// The range of a Date (ECMA-262, 21.4.1.1), in seconds. Nebula itself accepts any int64.
const MAX_SECONDS = 8.64e12

/**
 * Checks the rules common to both versions and adds the fingerprint. Throws DecodeFailure for keys and
 * signatures of the wrong size: Nebula 1.11 verifies a certificate with a 31-byte key, but no handshake can
 * use it. Throws CertificateRefused for a host without an overlay address.
 */
export function completeCertificate(decoded: Decoded, where: string): Certificate {
  const { curve, publicKey, signature, isCa, networks } = decoded
  const keyBytes = curve === 'P256' ? 65 : 32
  if (publicKey.length !== keyBytes || (curve === 'P256' && publicKey[0] !== 4)) {
    throw undecodable(
      where,
      `PublicKey: a ${curve} key has ${String(keyBytes)} bytes, this one ${String(publicKey.length)}; ` +
        'make a new key pair with nebula-cert keygen and sign again',
    )
  }
  if (curve === 'P256' ? otherForm(signature) === undefined : signature.length !== 64) {
    throw undecodable(
      where,
      `Signature: is not a ${curve} signature; copy the file again from where it was signed`,
    )
  }
  if (!isCa && networks.length === 0) {
    throw refused(
      where,
      'Networks: a host certificate needs an overlay address; sign again with -networks (-ip before 1.10)',
    )
  }
  const zero = isCa ? undefined : networks.find((network) => network.value === 0n)
  if (zero !== undefined)
    throw refused(where, `Networks: ${formatPrefix(zero)} is not the address of a host; sign again`)
  return { ...decoded, fingerprint: fingerprintOf(decoded.version, decoded.signedBytes, signature) }
}

/** Decodes UTF-8 bytes. Throws DecodeFailure when they are not valid UTF-8. */
export function decodeText(bytes: Uint8Array, field: string, where: string): string {
  const text = Buffer.from(bytes).toString('utf8')
  // Invalid sequences decode to U+FFFD, which encodes to different bytes.
  if (!Buffer.from(text, 'utf8').equals(bytes))
    throw undecodable(where, `${field}: is not UTF-8; sign it again`)
  return text
}

/**
 * Converts seconds to a number. Throws DecodeFailure for times that a Date cannot hold (about 270,000 years
 * either way).
 */
export function decodeTime(seconds: bigint, field: string, where: string): number {
  const value = Number(seconds)
  if (Math.abs(value) > MAX_SECONDS)
    throw undecodable(where, `${field}: ${String(seconds)} is not a valid time; sign it again`)
  return value
}
