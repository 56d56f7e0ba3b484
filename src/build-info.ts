// What this program was built from.

// Put in by scripts/build.ts; absent when the sources run unbundled.
declare const FLATNET_VERSION: string | undefined
declare const FLATNET_COMMIT: string | undefined

/** Version, commit and what it runs on. */
export interface BuildInfo {
  readonly version: string
  readonly commit: string
}

export function buildInfo(): BuildInfo {
  return {
    version: typeof FLATNET_VERSION === 'undefined' ? 'unbuilt' : FLATNET_VERSION,
    commit: typeof FLATNET_COMMIT === 'undefined' ? 'unknown' : FLATNET_COMMIT,
  }
}
