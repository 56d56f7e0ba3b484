// One section of Nebula's configuration, to be changed in the text alone, and the proof that nothing else has
// changed. Every other byte stays.

import { isDeepStrictEqual } from 'node:util'
import { isMap, isScalar, type Pair, parse, parseDocument, type YAMLMap } from 'yaml'
import { isObject, type JsonObject } from '../../json.ts'

const OPTIONS = { merge: true, logLevel: 'error' } as const

/** Returns a section of the top level; undefined where the text has none, or is not YAML. */
export function sectionIn(text: string, name: string): YAMLMap | undefined {
  const document = parseDocument(text, OPTIONS)
  const section: unknown =
    document.errors.length === 0 && isMap(document.contents) ? document.get(name) : undefined
  return isMap(section) ? section : undefined
}

/** Returns a key of a section with its value. */
export function pairOf(section: YAMLMap, name: string): Pair | undefined {
  return section.items.find(({ key }) => isScalar(key) && key.value === name)
}

/**
 * Tells whether a text says the same as before but for one key of a section, whatever YAML it is written in.
 * @param wanted makes the key's new value from the old one, undefined if there was none
 */
export function isOnlyChange(
  [before, after]: readonly [before: string, after: string],
  [name, key]: readonly [section: string, key: string],
  wanted: (old: unknown) => unknown,
): boolean {
  try {
    const old: unknown = parse(before, OPTIONS)
    if (!isObject(old)) return false
    const section: JsonObject = isObject(old[name]) ? old[name] : {}
    const changed = { ...old, [name]: { ...section, [key]: wanted(section[key]) } }
    return isDeepStrictEqual(parse(after, OPTIONS), changed)
  } catch {
    return false
  }
}
