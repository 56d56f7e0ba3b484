// The version and commit that this program was built from.

// Defined by scripts/build/main.ts. Undefined if the sources run unbundled.
declare const FLATNET_VERSION: string | undefined
declare const FLATNET_COMMIT: string | undefined

/** Version, commit and the runtime. */
interface BuildInfo {
  readonly version: string
  readonly commit: string
}

export function buildInfo(): BuildInfo {
  return {
    version: typeof FLATNET_VERSION === 'undefined' ? 'unbuilt' : FLATNET_VERSION,
    commit: typeof FLATNET_COMMIT === 'undefined' ? 'unknown' : FLATNET_COMMIT,
  }
}
