// A host's public key as nebula-cert reads it (cert/pem.go, X25519PublicKeyBanner and P256PublicKeyBanner).

import type { Certificate } from '../certificate/certificate.ts'

/** Returns the text of the key file for `nebula-cert sign -in-pub`. */
export function publicKeyPem({ curve, publicKey }: Pick<Certificate, 'curve' | 'publicKey'>): string {
  const banner = curve === 'P256' ? 'NEBULA P256 PUBLIC KEY' : 'NEBULA X25519 PUBLIC KEY'
  const lines =
    Buffer.from(publicKey)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${banner}-----`, ...lines, `-----END ${banner}-----`, ''].join('\n')
}
