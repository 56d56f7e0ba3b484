// Adds fingerprints to pki.blocklist in the text of Nebula's configuration. Every other byte stays.

import type { Pair, YAMLMap } from 'yaml'
import { isOnlyChange, pairOf, sectionIn } from './yaml-section.ts'

/**
 * Returns the text with a blocklist of exactly these fingerprints, or undefined where it has no section pki
 * that can be extended.
 */
export function withBlocklist(text: string, fingerprints: readonly string[]): string | undefined {
  const pki = sectionIn(text, 'pki')
  if (pki === undefined) return undefined
  const list = `blocklist: [${fingerprints.map((each) => JSON.stringify(each)).join(', ')}]`
  const there = pairOf(pki, 'blocklist')
  const changed = there === undefined ? inserted(text, pki, list) : replaced(text, there, list)
  if (changed === undefined) return undefined
  return isOnlyChange([text, changed], ['pki', 'blocklist'], () => fingerprints) ? changed : undefined
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
