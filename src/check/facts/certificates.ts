import type { Certificate } from '../../nebula/certificate.ts'
import type { RefusalKind } from '../../nebula/refusal.ts'

/** A file of certificates as it was found; nothing in it is believed yet. */
export interface CertificateFile {
  readonly path: string
  readonly isThere: boolean
  /** Why it cannot be opened or read as certificates; undefined when it can, or is not there. */
  readonly problem: string | undefined
  readonly certificates: readonly Certificate[]
}

/** The private key beside the host's certificate. */
export interface KeyFile {
  readonly path: string
  readonly isThere: boolean
  /** Why it cannot be read as a key. */
  readonly problem: string | undefined
  /** Whether it makes the certificate's public key; undefined where one of the two cannot be read. */
  readonly matches: boolean | undefined
  /** Permission bits, and the owner's user ID. */
  readonly mode: number
  readonly uid: number
}

export interface CertificatesFacts {
  readonly ca: CertificateFile
  readonly host: CertificateFile
  readonly key: KeyFile
  /** Why the host certificate is not to be believed, or undefined. */
  readonly refusal: { readonly kind: RefusalKind; readonly reason: string } | undefined
  /** What is odd about it without being refused, in sentences. */
  readonly warnings: readonly string[]
}
