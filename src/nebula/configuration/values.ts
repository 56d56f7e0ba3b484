// Reads values by the lenient rules of Nebula (config/config.go): every scalar can be read as text, and text
// that parses as a number or a boolean counts as one.

/** Records a value that Nebula would not understand. */
export type Problems = (path: string, problem: string) => void

/** One object of the configuration. Every reader returns undefined or an empty value for a missing key. */
interface Section {
  readonly get: (key: string) => unknown
  readonly text: (key: string) => string | undefined
  readonly flag: (key: string) => boolean | undefined
  readonly number: (key: string) => number | undefined
  readonly texts: (key: string) => readonly string[]
}

/** Returns a function that finds the configuration's objects by name; '' is the whole. */
export function sections(root: unknown, note: Problems): (name: string) => Section {
  const whole = asMap(root, 'the file', note)
  return (name) => {
    // `punchy: true` is the syntax before Nebula 1.3, which Nebula still accepts (punchy.go).
    const value = name === '' ? whole : own(whole, name)
    const map = name === 'punchy' && typeof value === 'boolean' ? { punch: value } : asMap(value, name, note)
    const at = (key: string): string => (name === '' ? key : `${name}.${key}`)
    return {
      get: (key) => own(map, key),
      text: (key) => asText(own(map, key), at(key), note),
      flag: (key) => asFlag(own(map, key), at(key), note),
      number: (key) => asNumber(own(map, key), at(key), note),
      texts: (key) => asTexts(own(map, key), at(key), note),
    }
  }
}

/** Returns an object with text keys; empty when absent. */
export function asMap(value: unknown, path: string, note: Problems): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return {}
  if (typeof value === 'object' && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>
  note(path, `must be a map, is ${shown(value)}`)
  return {}
}

/** Returns a list; empty when absent. */
export function asList(value: unknown, path: string, note: Problems): readonly unknown[] {
  if (value === undefined || value === null) return []
  if (Array.isArray(value)) return value
  note(path, `must be a list, is ${shown(value)}`)
  return []
}

/** Returns a scalar as text (config.go, GetString). */
export function asText(value: unknown, path: string, note: Problems): string | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return String(value)
  note(path, `must be a string, is ${shown(value)}`)
  return undefined
}

/** Returns a list of scalars as texts (config.go, GetStringSlice). */
export function asTexts(value: unknown, path: string, note: Problems): readonly string[] {
  return asList(value, path, note).flatMap(
    (item, index) => asText(item, `${path}[${String(index)}]`, note) ?? [],
  )
}

/** Returns a whole number, or text that parses as one (config.go, GetInt). */
export function asNumber(value: unknown, path: string, note: Problems): number | undefined {
  const text = asText(value, path, note)
  if (text === undefined) return undefined
  if (/^[+-]?\d{1,15}$/.test(text)) return Number(text)
  note(path, `must be a whole number, is ${shown(value)}`)
  return undefined
}

// strconv.ParseBool after ToLower, then y, yes, n, no (config.go, GetBool).
const TRUE = new Set(['1', 't', 'true', 'y', 'yes'])
const FALSE = new Set(['0', 'f', 'false', 'n', 'no'])

/** Returns a boolean, or text that Nebula reads as one. */
export function asFlag(value: unknown, path: string, note: Problems): boolean | undefined {
  const text = asText(value, path, note)?.toLowerCase()
  if (text === undefined) return undefined
  if (TRUE.has(text)) return true
  if (FALSE.has(text)) return false
  note(path, `must be true or false, is ${shown(value)}`)
  return undefined
}

function own(map: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(map, key) ? map[key] : undefined
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? JSON.stringify(value).slice(0, 60)
    : 'an object'
}
