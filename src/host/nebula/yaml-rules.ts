// Adds rules to firewall.inbound in the text of Nebula's configuration. Every other byte stays.

import { isScalar, isSeq, type YAMLSeq } from 'yaml'
import type { Item } from '../../provision/nebula/setting.ts'
import { flow } from '../../provision/nebula/yaml.ts'
import { isOnlyChange, pairOf, sectionIn } from './yaml-section.ts'

/** Returns the text with these rules first, or undefined where it has no list that can be extended. */
export function withRules(text: string, rules: readonly Item[]): string | undefined {
  const firewall = sectionIn(text, 'firewall')
  const pair = firewall && pairOf(firewall, 'inbound')
  if (pair === undefined || !isScalar(pair.key) || !isSeq(pair.value)) return undefined
  const [, keyEnd] = pair.key.range ?? []
  const changed = keyEnd === undefined ? undefined : extended(text, keyEnd, pair.value, rules)
  if (changed === undefined) return undefined
  const wanted = (old: unknown): unknown => [
    ...rules.map(({ value }) => value),
    ...(Array.isArray(old) ? (old as readonly unknown[]) : []),
  ]
  return isOnlyChange([text, changed], ['firewall', 'inbound'], wanted) ? changed : undefined
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
