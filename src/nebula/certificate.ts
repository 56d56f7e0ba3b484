// What a Nebula certificate says, whichever version it is written in. Being readable makes nothing in it true: verify.ts
// does.

import type { Prefix } from '../addr/prefix.ts'

/** Names as nebula-cert prints them. */
export type Curve = 'CURVE25519' | 'P256'

/** One decoded certificate. Networks keep their host bits; times are whole unix seconds, both ends included. */
export interface Certificate {
  readonly version: 1 | 2
  readonly name: string
  /** Overlay addresses with the prefix length of their network; empty only in a CA. */
  readonly networks: readonly Prefix[]
  /** Networks behind this host ("subnets" in version 1). */
  readonly unsafeNetworks: readonly Prefix[]
  readonly groups: readonly string[]
  readonly isCa: boolean
  readonly notBefore: number
  readonly notAfter: number
  /** Fingerprint of the CA, or '' in a CA. */
  readonly issuer: string
  readonly curve: Curve
  /** Ed25519 or P256 signing key in a CA, X25519 or P256 agreement key in a host. 32 bytes, or 65 with a leading 4. */
  readonly publicKey: Uint8Array
  readonly signature: Uint8Array
  /** Exactly what the signature is over. */
  readonly signedBytes: Uint8Array
  /** Lower-case hex. */
  readonly fingerprint: string
}

/** A certificate without its fingerprint, as the two decoders make it. */
export type Decoded = Omit<Certificate, 'fingerprint'>

/** Curve numbers of both versions (cert_v1.proto, enum Curve). */
export const CURVES: readonly Curve[] = ['CURVE25519', 'P256']
