// Compares an existing configuration with the one that would be rendered: which keys differ and why ours has
// another value, and what the existing one has besides, which is kept.

import { isObject } from '../../json.ts'
import { isRuleCovered } from './cover.ts'
import { NEBULAS_OWN } from './defaults.ts'
import type { Setting, YamlMap, YamlValue } from './setting.ts'

/** One key at which the two differ. Values are JSON texts. */
interface Difference {
  /** "tun.mtu" */
  readonly key: string
  /** Undefined where the key is missing. */
  readonly yours: string | undefined
  readonly ours: string
  /** Why ours has that value. */
  readonly why: string
}

/** A key or list entry that only the existing configuration has. It is kept. */
interface Kept {
  readonly key: string
  readonly value: YamlValue
}

export interface Comparison {
  readonly differences: readonly Difference[]
  readonly kept: readonly Kept[]
}

/** Compares a parsed configuration of any shape with our settings. */
export function compareNebulaConfig(existing: unknown, settings: readonly Setting[]): Comparison {
  const file = isObject(existing) ? existing : {}
  return {
    differences: settings.flatMap((setting) => difference(file, setting)),
    kept: [...foreignKeys(file, settings), ...settings.flatMap((setting) => foreignEntries(file, setting))],
  }
}

function difference(file: YamlMapLike, setting: Setting): Difference[] {
  const key = setting.path.join('.')
  const yours = valueAt(file, setting.path)
  const effective = yours ?? NEBULAS_OWN[key]
  if (isSatisfied(key, effective, setting)) return []
  return [
    {
      key,
      yours: yours === undefined ? undefined : shown(yours),
      ours: ours(yours, setting),
      why: setting.why,
    },
  ]
}

function isSatisfied(key: string, yours: unknown, { value, items }: Setting): boolean {
  if (items !== undefined) return items.every((item) => isRuleCovered(item.value, yours))
  // Ours lists what must be there; more may be.
  if (isYamlMap(value) && !key.startsWith('firewall.')) return isObject(yours) && includesAll(yours, value)
  return isSame(yours, value)
}

// Of a list of rules, only the ones that are missing.
function ours(yours: unknown, { value, items }: Setting): string {
  if (items === undefined) return shown(value)
  const missing = items.filter((item) => !isRuleCovered(item.value, yours))
  return missing.map((item) => shown(item.value)).join(', ')
}

function includesAll(yours: YamlMapLike, wanted: YamlMap): boolean {
  return Object.entries(wanted).every(([key, value]) => {
    const own = Object.hasOwn(yours, key) ? yours[key] : undefined
    return isYamlMap(value) ? isObject(own) && includesAll(own, value) : isSame(own, value)
  })
}

// Nebula reads scalars leniently: "10" is 10, and "yes" is true (config.go, GetInt and GetBool).
function isSame(yours: unknown, value: YamlValue): boolean {
  if (isYamlMap(value))
    return (
      isObject(yours) && Object.keys(yours).length === Object.keys(value).length && includesAll(yours, value)
    )
  if (typeof value === 'object' && value !== null) return isSameList(yours, value)
  const text = scalarText(yours)
  if (text === undefined) return false
  return typeof value === 'boolean' ? FLAGS[String(value)]?.test(text) === true : text === String(value)
}

function isSameList(yours: unknown, value: readonly YamlValue[]): boolean {
  if (!Array.isArray(yours) || yours.length !== value.length) return false
  return value.every((item) => yours.some((own) => isSame(own, item)))
}

const FLAGS: Readonly<Record<string, RegExp>> = {
  true: /^(?:1|t|true|y|yes)$/i,
  false: /^(?:0|f|false|n|no)$/i,
}

function scalarText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

type YamlMapLike = Readonly<Record<string, unknown>>

function isYamlMap(value: YamlValue): value is YamlMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function valueAt(file: YamlMapLike, [section, key]: Setting['path']): unknown {
  const whole = Object.hasOwn(file, section) ? file[section] : undefined
  if (key === undefined) return whole ?? undefined
  return isObject(whole) && Object.hasOwn(whole, key) ? (whole[key] ?? undefined) : undefined
}

// Keys that ours does not have.
function foreignKeys(file: YamlMapLike, settings: readonly Setting[]): readonly Kept[] {
  const known = new Set(settings.map(({ path }) => path.join('.')))
  return Object.entries(file).flatMap(([section, value]) => {
    if (known.has(section)) return []
    if (!isObject(value)) return [{ key: section, value: asYaml(value) }]
    return Object.entries(value).flatMap(([key, inner]) => {
      const path = `${section}.${key}`
      return known.has(path) ? [] : [{ key: path, value: asYaml(inner) }]
    })
  })
}

// Entries of lists and maps that ours does not have: other static hosts, further rules.
function foreignEntries(file: YamlMapLike, { path, value, items }: Setting): readonly Kept[] {
  const yours = valueAt(file, path)
  const key = path.join('.')
  if (items !== undefined && Array.isArray(yours)) {
    const rules = items.map((item) => item.value)
    return yours
      .filter((rule) => !isRuleCovered(asYaml(rule), rules))
      .map((rule) => ({ key, value: asYaml(rule) }))
  }
  if (!isYamlMap(value) || !isObject(yours) || !MERGED.has(key)) return []
  return Object.entries(yours).flatMap(([name, inner]) =>
    Object.hasOwn(value, name) ? [] : [{ key: `${key}.${name}`, value: asYaml(inner) }],
  )
}

// Maps whose further entries do not contradict ours.
const MERGED = new Set(['static_host_map', 'lighthouse.remote_allow_list'])

/** Returns a value that came from YAML or JSON. */
function asYaml(value: unknown): YamlValue {
  return JSON.parse(JSON.stringify(value ?? null)) as YamlValue
}

function shown(value: unknown): string {
  return JSON.stringify(value)
}

/** Returns our settings with what is kept, each marked as such. */
export function withKept(settings: readonly Setting[], kept: readonly Kept[]): readonly Setting[] {
  const merged = settings.map((setting) => merge(setting, kept))
  const known = settings.map(({ path }) => path.join('.'))
  const foreign = kept.filter(({ key }) => !known.some((own) => key === own || key.startsWith(`${own}.`)))
  return [...merged, ...foreign.map(({ key, value }): Setting => ({ path: pathOf(key), value, why: KEPT }))]
}

const KEPT = 'Kept from the configuration before.'

function merge(setting: Setting, kept: readonly Kept[]): Setting {
  const own = setting.path.join('.')
  const { value, items } = setting
  if (items !== undefined) {
    const more = kept.filter(({ key }) => key === own).map((rule) => ({ value: rule.value, why: KEPT }))
    const all = [...items, ...more]
    return { ...setting, value: all.map((item) => item.value), items: all }
  }
  if (!isYamlMap(value)) return setting
  const more = kept.filter(({ key }) => key.startsWith(`${own}.`))
  const entries = more.map((entry) => [entry.key.slice(own.length + 1), entry.value] as const)
  return { ...setting, value: { ...value, ...Object.fromEntries(entries) } }
}

function pathOf(key: string): Setting['path'] {
  const dot = key.indexOf('.')
  return dot === -1 ? [key] : [key.slice(0, dot), key.slice(dot + 1)]
}
