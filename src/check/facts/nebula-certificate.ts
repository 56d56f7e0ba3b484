// The certificate that Nebula is told to use beside the one that flatnet reads.

export interface NebulaCertificateFacts {
  /** `source` is a path, or "inline" for text in the configuration. `fingerprints`: one per block. */
  readonly nebula: {
    readonly source: string
    readonly fingerprints: readonly string[]
    /** Why it cannot be read; then there are no fingerprints. */
    readonly problem: string | undefined
  }
  readonly flatnet: { readonly source: string; readonly fingerprint: string; readonly notAfter: number }
}
