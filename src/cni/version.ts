// What depends on the version of a network configuration: its order among the others, and the verbs it
// defines.

import { CniCode, CniError } from './error.ts'
import { SUPPORTED_VERSIONS } from './supported.ts'

/** One of the supported versions. */
export type CniVersion = (typeof SUPPORTED_VERSIONS)[number]

/**
 * Returns whether `text` is a supported version, compared exactly: "1.0" and "1.0.00" are not (libcni,
 * types/create).
 */
export function isSupported(text: string): text is CniVersion {
  return (SUPPORTED_VERSIONS as readonly string[]).includes(text)
}

/** Returns whether `version` is `than` or a later one. */
export function isSince(version: CniVersion, than: CniVersion): boolean {
  return SUPPORTED_VERSIONS.indexOf(version) >= SUPPORTED_VERSIONS.indexOf(than)
}

// SPEC 0.4.0 introduced CHECK, SPEC 1.1.0 GC and STATUS. A runtime must not call them with an older
// configuration.
const BROUGHT_BY: Readonly<Record<string, CniVersion>> = { CHECK: '0.4.0', GC: '1.1.0', STATUS: '1.1.0' }

/**
 * Checks that the configuration's version defines the verb. @throws CniError IncompatibleVersion if it does
 * not
 */
export function requireVerb(verb: string, version: CniVersion): void {
  const first = BROUGHT_BY[verb]
  if (first === undefined || isSince(version, first)) return
  throw new CniError(
    CniCode.IncompatibleVersion,
    `config version does not allow ${verb}`,
    `cniVersion ${version}: ${verb} came with ${first}`,
  )
}
