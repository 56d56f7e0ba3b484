// The public half of a host's key, as nebula-cert keygen writes it and nebula-cert sign reads it.

import { createECDH, createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto'
import { CniCode, CniError } from '../../cni/error.ts'
import type { Curve } from '../../nebula/certificate/certificate.ts'
import { formatPem, readPem } from '../../nebula/certificate/pem.ts'

// cert/pem.go.
const KINDS: Readonly<Record<string, { readonly curve: Curve; readonly bytes: number }>> = {
  'NEBULA X25519 PUBLIC KEY': { curve: 'CURVE25519', bytes: 32 },
  'NEBULA P256 PUBLIC KEY': { curve: 'P256', bytes: 65 },
}

/** A public key. `pem` is canonical. */
export interface PublicKey {
  readonly pem: string
  readonly bytes: Buffer
}

/**
 * Reads the key that a host sent. @param curve of the office's keys
 * @throws CniError DecodeFailure or CertificateRefused
 */
export function readPublicKey(pem: string, curve: Curve): PublicKey {
  const source = "the host's public key"
  const [block, ...more] = readPem(pem, source)
  const kind = block === undefined ? undefined : KINDS[block.banner]
  if (block === undefined || kind === undefined || more.length > 0)
    throw unusable('is not one public key of Nebula')
  if (kind.curve !== curve) throw unusable(`is of curve ${kind.curve}, but this office uses ${curve}`)
  if (block.bytes.length !== kind.bytes || !isPoint(block.bytes, curve))
    throw unusable(`is not a point on ${curve}`)
  return { pem: formatPem(pem, source), bytes: block.bytes }
}

// SubjectPublicKeyInfo around the bytes (RFC 8410, section 4).
const X25519 = Buffer.from('302a300506032b656e032100', 'hex')

// A key of small order would give every peer the same secret (RFC 7748, section 6.1).
function isPoint(bytes: Buffer, curve: Curve): boolean {
  try {
    if (curve === 'P256') {
      const own = createECDH('prime256v1')
      own.generateKeys()
      own.computeSecret(bytes)
      return true
    }
    const publicKey = createPublicKey({ key: Buffer.concat([X25519, bytes]), format: 'der', type: 'spki' })
    diffieHellman({ privateKey: generateKeyPairSync('x25519').privateKey, publicKey })
    return true
  } catch {
    return false
  }
}

function unusable(why: string): CniError {
  return new CniError(
    CniCode.CertificateRefused,
    'public key not usable',
    `${why}; run the same command again on the host`,
  )
}
