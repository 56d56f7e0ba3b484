// Adds fingerprints to pki.blocklist in the text of Nebula's configuration. Every other byte stays.

import { isMap, isScalar, type Pair, parse, parseDocument, type YAMLMap } from 'yaml'
import { isObject, type JsonObject } from '../../json.ts'

/**
 * Returns the text with a blocklist of exactly these fingerprints, or undefined where it has no section pki
 * that can be extended.
 */
export function withBlocklist(text: string, fingerprints: readonly string[]): string | undefined {
  const document = parseDocument(text, { merge: true, logLevel: 'error' })
  const pki: unknown =
    document.errors.length === 0 && isMap(document.contents) ? document.get('pki') : undefined
  if (!isMap(pki)) return undefined
  const list = `blocklist: [${fingerprints.map((each) => JSON.stringify(each)).join(', ')}]`
  const there = pki.items.find(({ key }) => isScalar(key) && key.value === 'blocklist')
  const changed = there === undefined ? inserted(text, pki, list) : replaced(text, there, list)
  return changed !== undefined && isOnlyChange(text, changed, fingerprints) ? changed : undefined
}

// Whatever YAML can be written in, nothing but the list may have changed.
function isOnlyChange(before: string, after: string, fingerprints: readonly string[]): boolean {
  try {
    const [old, changed] = [before, after].map((text): unknown =>
      parse(text, { merge: true, logLevel: 'error' }),
    )
    return (
      isObject(old) &&
      JSON.stringify(sorted({ ...old, pki: { ...sectionOf(old), blocklist: fingerprints } })) ===
        JSON.stringify(sorted(changed))
    )
  } catch {
    return false
  }
}

function sectionOf({ pki }: JsonObject): JsonObject {
  return isObject(pki) ? pki : {}
}

// The new key may come first.
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isObject(value)) return value
  const keys = Object.keys(value).toSorted()
  return keys.map((key) => [key, sorted(value[key])])
}

// Before the first key, which stands where the others do: a line of its own, or an item of a map in braces.
function inserted(text: string, pki: YAMLMap, list: string): string | undefined {
  const at = startOf(pki.items[0]?.key)
  if (at === undefined) return undefined
  const column = at - (text.lastIndexOf('\n', at - 1) + 1)
  const between = pki.flow === true ? ', ' : `\n${' '.repeat(column)}`
  return `${text.slice(0, at)}${list}${between}${text.slice(at)}`
}

function replaced(text: string, { key, value }: Pair, list: string): string | undefined {
  const [from, to] = [startOf(key), endOf(value) ?? endOf(key)]
  if (from === undefined || to === undefined) return undefined
  // A list of lines ends with its last newline.
  const newline = text.slice(from, to).endsWith('\n') ? '\n' : ''
  const colon = endOf(value) === undefined && text.slice(to).trimStart().startsWith(':')
  const end = colon ? text.indexOf(':', to) + 1 : to
  return `${text.slice(0, from)}${list}${newline}${text.slice(end)}`
}

function startOf(node: unknown): number | undefined {
  return isRanged(node) ? node.range[0] : undefined
}

function endOf(node: unknown): number | undefined {
  return isRanged(node) ? node.range[1] : undefined
}

function isRanged(node: unknown): node is { readonly range: readonly [number, number, number] } {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)
}
