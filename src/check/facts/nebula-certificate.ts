// The certificate that Nebula is configured with, next to the one that flatnet reads.

export interface NebulaCertificateFacts {
  /**
   * `source` is a path, or "inline" for text in the configuration. `fingerprints` has one entry per PEM
   * block.
   */
  readonly nebula: {
    readonly source: string
    readonly fingerprints: readonly string[]
    /** Why the certificate cannot be read; `fingerprints` is then empty. */
    readonly problem: string | undefined
  }
  readonly flatnet: { readonly source: string; readonly fingerprint: string; readonly notAfter: number }
}
