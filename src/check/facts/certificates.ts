import type { Certificate } from '../../nebula/certificate/certificate.ts'
import type { RefusalKind } from '../../nebula/certificate/refusal.ts'

/** A certificate file as found on disk; none of its contents is verified yet. */
export interface CertificateFile {
  readonly path: string
  readonly isThere: boolean
  /**
   * Why the file cannot be opened or parsed as certificates; undefined when it can, or when it does not
   * exist.
   */
  readonly problem: string | undefined
  readonly certificates: readonly Certificate[]
}

/** The private key that belongs to the host certificate. */
export interface KeyFile {
  readonly path: string
  readonly isThere: boolean
  /** Why the file cannot be parsed as a key. */
  readonly problem: string | undefined
  /** Whether the key yields the certificate's public key; undefined when either of them cannot be read. */
  readonly matches: boolean | undefined
  /** Permission bits, and the owner's user ID. */
  readonly mode: number
  readonly uid: number
}

export interface CertificatesFacts {
  readonly ca: CertificateFile
  readonly host: CertificateFile
  readonly key: KeyFile
  /** Why verification refuses the host certificate; undefined when it passes. */
  readonly refusal: { readonly kind: RefusalKind; readonly reason: string } | undefined
  /** Oddities that do not lead to refusal, as sentences. */
  readonly warnings: readonly string[]
}
