// The contents of a Nebula certificate, independent of its version. A decoded certificate is not yet trusted;
// verify.ts decides that.

import type { Prefix } from '../../addr/prefix.ts'

/** Curve names as nebula-cert prints them. */
export type Curve = 'CURVE25519' | 'P256'

/**
 * One decoded certificate. Networks keep their host bits. Times are whole Unix seconds, both ends inclusive.
 */
export interface Certificate {
  readonly version: 1 | 2
  readonly name: string
  /** Overlay addresses with the prefix length of their network. Empty only in a CA. */
  readonly networks: readonly Prefix[]
  /** Networks behind this host ("subnets" in version 1). */
  readonly unsafeNetworks: readonly Prefix[]
  readonly groups: readonly string[]
  readonly isCa: boolean
  readonly notBefore: number
  readonly notAfter: number
  /** Fingerprint of the issuing CA; '' in a CA. */
  readonly issuer: string
  readonly curve: Curve
  /**
   * A CA has an Ed25519 or P256 signing key, a host an X25519 or P256 agreement key. 32 bytes, or 65 with a
   * leading 4 (P256).
   */
  readonly publicKey: Uint8Array
  readonly signature: Uint8Array
  /** The exact bytes that the signature covers. */
  readonly signedBytes: Uint8Array
  /** Lowercase hex. */
  readonly fingerprint: string
}

/** A certificate without its fingerprint, as both decoders return it. */
export type Decoded = Omit<Certificate, 'fingerprint'>

/** Curve numbers of both versions (cert_v1.proto, enum Curve). */
export const CURVES: readonly Curve[] = ['CURVE25519', 'P256']
