// Tells whether one firewall rule lets through all that another does.

import { covers, parsePrefix } from '../../addr/prefix.ts'
import { isObject } from '../../json.ts'
import type { YamlValue } from './setting.ts'

/** Returns whether any rule of `rules` covers `rule`. What is not a rule covers nothing. */
export function isRuleCovered(rule: YamlValue, rules: unknown): boolean {
  return isObject(rule) && Array.isArray(rules) && rules.some((wide) => isObject(wide) && isWider(wide, rule))
}

type Rule = Readonly<Record<string, unknown>>

function isWider(wide: Rule, rule: Rule): boolean {
  return (
    isProtoWider(wide, rule) &&
    isPortWider(wide, rule) &&
    isLocalWider(wide, rule) &&
    isRemoteWider(wide, rule)
  )
}

function isProtoWider(wide: Rule, rule: Rule): boolean {
  return wide['proto'] === 'any' || wide['proto'] === rule['proto']
}

function isPortWider(wide: Rule, rule: Rule): boolean {
  // Echoes have no port.
  if (rule['proto'] === 'icmp') return true
  const [outer, inner] = [ports(wide), ports(rule)]
  return outer !== undefined && inner !== undefined && outer.first <= inner.first && inner.last <= outer.last
}

function ports(rule: Rule): { readonly first: number; readonly last: number } | undefined {
  const text = textOf(rule['port'] ?? rule['code'] ?? 'any')
  if (text === 'any' || text === '0') return { first: 0, last: 65_535 }
  const match = /^(\d{1,5})(?:\s*-\s*(\d{1,5}))?$/.exec(text)
  return match === null ? undefined : { first: Number(match[1]), last: Number(match[2] ?? match[1]) }
}

// Without local_cidr, Nebula since 1.10 means the overlay address alone: never enough for containers.
function isLocalWider(wide: Rule, rule: Rule): boolean {
  if (wide['local_cidr'] === 'any') return true
  const [outer, inner] = [wide, rule].map((each) => parsePrefix(textOf(each['local_cidr'])))
  if (rule['local_cidr'] === undefined) return outer?.length === 0
  return outer !== undefined && inner !== undefined && covers(outer, inner)
}

function isRemoteWider(wide: Rule, rule: Rule): boolean {
  // ca_name and ca_sha narrow a rule.
  if (wide['ca_name'] !== undefined || wide['ca_sha'] !== undefined) return false
  if (wide['host'] === 'any' || wide['cidr'] === 'any' || names(wide).includes('any')) return true
  if (rule['host'] !== undefined && wide['host'] === rule['host'] && names(wide).length === 0) return true
  const [outer, inner] = [names(wide), names(rule)]
  // Several groups in one rule narrow it: all of them are asked for.
  return outer.length > 0 && inner.length > 0 && outer.every((name) => inner.includes(name))
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

function names(rule: Rule): readonly string[] {
  return [rule['group'], rule['groups']].flatMap((value) =>
    (Array.isArray(value) ? (value as unknown[]) : [value]).filter((name) => typeof name === 'string'),
  )
}
