// Adds rules to firewall.inbound in the text of Nebula's configuration. Every other byte stays.

import { isDeepStrictEqual } from 'node:util'
import { isMap, isScalar, isSeq, parse, parseDocument, type YAMLSeq } from 'yaml'
import { isObject } from '../../json.ts'
import type { Item } from '../../provision/nebula/setting.ts'
import { flow } from '../../provision/nebula/yaml.ts'

/** Returns the text with these rules first, or undefined where it has no list that can be extended. */
export function withRules(text: string, rules: readonly Item[]): string | undefined {
  const document = parseDocument(text, { merge: true, logLevel: 'error' })
  const firewall: unknown =
    document.errors.length === 0 && isMap(document.contents) ? document.get('firewall') : undefined
  if (!isMap(firewall)) return undefined
  const pair = firewall.items.find(({ key }) => isScalar(key) && key.value === 'inbound')
  if (pair === undefined || !isScalar(pair.key) || !isSeq(pair.value)) return undefined
  const [, keyEnd] = pair.key.range ?? []
  const changed = keyEnd === undefined ? undefined : extended(text, keyEnd, pair.value, rules)
  return changed !== undefined && isOnlyChange(text, changed, rules) ? changed : undefined
}

function extended(text: string, keyEnd: number, list: YAMLSeq, rules: readonly Item[]): string | undefined {
  const [from] = list.range ?? []
  if (from === undefined) return undefined
  if (list.flow === true) {
    const more = rules.map(({ value }) => flow(value)).join(', ')
    const comma = list.items.length === 0 ? '' : ', '
    return `${text.slice(0, from + 1)}${more}${comma}${text.slice(from + 1)}`
  }
  // A comment above the first rule stays with it.
  const at = text.indexOf('\n', keyEnd) + 1
  const indent = text.slice(text.lastIndexOf('\n', from - 1) + 1, from)
  if (at === 0 || at > from || indent.trim() !== '') return undefined
  const lines = rules.map(({ value, why }) => `${indent}# ${why}\n${indent}- ${flow(value)}\n`)
  return `${text.slice(0, at)}${lines.join('')}${text.slice(at)}`
}

// Whatever YAML can be written in, nothing but the list may have changed.
function isOnlyChange(before: string, after: string, rules: readonly Item[]): boolean {
  try {
    const [old, changed] = [before, after].map((text): unknown =>
      parse(text, { merge: true, logLevel: 'error' }),
    )
    if (!isObject(old) || !isObject(old['firewall'])) return false
    const { inbound, ...rest } = old['firewall']
    const wanted = [...rules.map(({ value }) => value), ...(Array.isArray(inbound) ? inbound : [])]
    return isDeepStrictEqual(changed, { ...old, firewall: { ...rest, inbound: wanted } })
  } catch {
    return false
  }
}
