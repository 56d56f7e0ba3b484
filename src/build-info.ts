// Which build this is. The two names are put in by scripts/build.ts; a run from source has neither.

declare const FLATNET_VERSION: string | undefined
declare const FLATNET_COMMIT: string | undefined

/** Version of package.json at the build ("0.1.0"), "unknown" when run from source. */
export const BUILD_VERSION = typeof FLATNET_VERSION === 'string' ? FLATNET_VERSION : 'unknown'

/** Git commit of the build, 12 digits, with "-dirty" behind it for a changed tree; "unknown" outside git. */
export const BUILD_COMMIT = typeof FLATNET_COMMIT === 'string' ? FLATNET_COMMIT : 'unknown'
