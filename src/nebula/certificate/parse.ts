// Parses the text of a certificate file into certificates of both versions.

import { type Certificate } from './certificate.ts'
import { decodeV1 } from './certificate-v1.ts'
import { decodeV2 } from './certificate-v2.ts'
import { type PemBlock, readPem } from './pem.ts'
import { quoted, undecodable } from './refusal.ts'

/**
 * Parses all certificates of a PEM text, at least one, in order. Verifies nothing. `source` names the file in
 * errors. Throws CniError DecodeFailure for text or bytes that are not a certificate in Nebula's own
 * encoding, and CertificateRefused for a readable certificate that Nebula would never use.
 */
export function parseCertificates(pem: string, source: string): Certificate[] {
  return readPem(pem, source).map(decodeBlock)
}

function decodeBlock({ banner, bytes, where }: PemBlock): Certificate {
  // cert/pem.go, CertificateBanner and CertificateV2Banner.
  if (banner === 'NEBULA CERTIFICATE') return decodeV1(bytes, where)
  if (banner === 'NEBULA CERTIFICATE V2') return decodeV2(bytes, where)
  throw undecodable(
    where,
    `the block is a ${quoted(banner)}, not a Nebula certificate: use the .crt file that nebula-cert wrote`,
  )
}
