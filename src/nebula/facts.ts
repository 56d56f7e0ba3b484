// The rules that both certificate versions share.

import { formatPrefix } from '../addr/prefix.ts'
import type { Certificate, Decoded } from './certificate.ts'
import { fingerprintOf } from './fingerprint.ts'
import { otherForm } from './p256.ts'
import { refused, undecodable } from './refusal.ts'

// What a Date can hold (ECMA-262, 21.4.1.1), in seconds. Nebula itself reads any int64.
const MAX_SECONDS = 8.64e12

/**
 * Checks what is common to both versions and adds the fingerprint. Throws DecodeFailure for keys and signatures of the
 * wrong size (Nebula 1.11 verifies a 31-byte key, no handshake can use it), CertificateRefused for a host without
 * overlay address.
 */
export function completeCertificate(decoded: Decoded, where: string): Certificate {
  const { curve, publicKey, signature, isCa, networks } = decoded
  const keyBytes = curve === 'P256' ? 65 : 32
  if (publicKey.length !== keyBytes || (curve === 'P256' && publicKey[0] !== 4)) {
    throw undecodable(
      where,
      `PublicKey: a ${curve} key has ${String(keyBytes)} bytes, this one ${String(publicKey.length)}; make a new key pair with nebula-cert keygen and sign again`,
    )
  }
  if (curve === 'P256' ? otherForm(signature) === undefined : signature.length !== 64) {
    throw undecodable(
      where,
      `Signature: is no ${curve} signature; copy the file again from where it was signed`,
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
    throw refused(where, `Networks: ${formatPrefix(zero)} is no host's address; sign again`)
  return { ...decoded, fingerprint: fingerprintOf(decoded.version, decoded.signedBytes, signature) }
}

/** UTF-8 bytes as a string; throws DecodeFailure when they are not valid UTF-8. */
export function decodeText(bytes: Uint8Array, field: string, where: string): string {
  const text = Buffer.from(bytes).toString('utf8')
  // Invalid sequences become U+FFFD, which is written in other bytes.
  if (!Buffer.from(text, 'utf8').equals(bytes))
    throw undecodable(where, `${field}: is not UTF-8; sign it again`)
  return text
}

/** Seconds as a number; throws DecodeFailure beyond the 270,000 years either way that a date can show. */
export function decodeTime(seconds: bigint, field: string, where: string): number {
  const value = Number(seconds)
  if (Math.abs(value) > MAX_SECONDS)
    throw undecodable(where, `${field}: ${String(seconds)} is no time; sign it again`)
  return value
}
