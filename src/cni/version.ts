// What depends on the version a network configuration names: its order among the others, and which verbs it knows.

import { CniCode, CniError } from './error.ts'
import { SUPPORTED_VERSIONS } from './supported.ts'

/** One of the versions spoken. */
export type CniVersion = (typeof SUPPORTED_VERSIONS)[number]

/** Whether `text` is a version spoken, letter for letter: "1.0" and "1.0.00" are none (libcni, types/create). */
export function isSupported(text: string): text is CniVersion {
  return (SUPPORTED_VERSIONS as readonly string[]).includes(text)
}

/** Whether `version` is `than` or came after it. */
export function isSince(version: CniVersion, than: CniVersion): boolean {
  return SUPPORTED_VERSIONS.indexOf(version) >= SUPPORTED_VERSIONS.indexOf(than)
}

// SPEC 0.4.0 brought CHECK, SPEC 1.1.0 GC and STATUS. With an older configuration a runtime is not to call them.
const BROUGHT_BY: Readonly<Record<string, CniVersion>> = { CHECK: '0.4.0', GC: '1.1.0', STATUS: '1.1.0' }

/** @throws CniError IncompatibleVersion when the configuration's version does not know the verb */
export function requireVerb(verb: string, version: CniVersion): void {
  const first = BROUGHT_BY[verb]
  if (first === undefined || isSince(version, first)) return
  throw new CniError(
    CniCode.IncompatibleVersion,
    `config version does not allow ${verb}`,
    `cniVersion ${version}: ${verb} came with ${first}`,
  )
}
