// Writes settings as YAML with a comment above each key. Every text from outside becomes a double-quoted
// scalar (YAML 1.2.2, section 7.3.1), so that no value can end its line, begin a comment or add a key.

import type { Item, Setting, YamlMap, YamlValue } from './setting.ts'

const COLUMNS = 100

/**
 * Renders the settings, grouped by section in the order of their first setting. @param head lines of the
 * comment at the top
 */
export function renderYaml(head: readonly string[], settings: readonly Setting[]): string {
  const names = [...new Set(settings.map(({ path: [name] }) => name))]
  const blocks = names.map((name) =>
    section(
      name,
      settings.filter(({ path }) => path[0] === name),
    ),
  )
  return `${[comment(head.join('\n'), ''), ...blocks].join('\n\n')}\n`
}

function section(name: string, settings: readonly Setting[]): string {
  const keyed = settings.flatMap(({ path: [, key], ...setting }) =>
    key === undefined ? [] : [{ key, setting }],
  )
  const whole = settings.find(({ path: [, key] }) => key === undefined)
  if (whole !== undefined) return entry(name, whole, '')
  return [`${name}:`, ...keyed.map(({ key, setting }) => entry(key, setting, '  '))].join('\n')
}

function entry(key: string, { value, why, items }: Omit<Setting, 'path'>, indent: string): string {
  const written = items === undefined ? body(value, indent) : list(items, indent)
  return `${comment(why, indent)}\n${indent}${name(key)}:${written}`
}

function list(items: readonly Item[], indent: string): string {
  if (items.length === 0) return ' []'
  const inner = `${indent}  `
  return items.map(({ value, why }) => `\n${comment(why, inner)}\n${inner}- ${flow(value)}`).join('')
}

// A map of maps or of lists takes a line per key; everything else stands behind its key.
function body(value: YamlValue, indent: string): string {
  if (!isMap(value) || Object.keys(value).length === 0) return ` ${flow(value)}`
  const inner = `${indent}  `
  return Object.entries(value)
    .map(([key, item]) => `\n${inner}${name(key)}:${body(item, inner)}`)
    .join('')
}

/** Renders a value on one line. */
export function flow(value: YamlValue): string {
  if (typeof value === 'string') return scalar(value)
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (isMap(value)) {
    const pairs = Object.entries(value).map(([key, item]) => `${name(key)}: ${flow(item)}`)
    return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`
  }
  return `[${value.map(flow).join(', ')}]`
}

function isMap(value: YamlValue): value is YamlMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

// Nebula's own words need no quotes. YAML 1.1, which Nebula before 1.11 reads, takes these for booleans and
// nothing (yaml.org/type/bool.html).
const WORD = /^[a-z][a-z_]*$/
const NO_WORD = new Set(['y', 'yes', 'n', 'no', 'true', 'false', 'on', 'off', 'null'])

function name(key: string): string {
  return scalar(key)
}

function scalar(text: string): string {
  return WORD.test(text) && !NO_WORD.has(text) ? text : quoted(text)
}

/** Returns a double-quoted scalar. Invisible characters are escaped, letters of any script are not. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll(/[\p{C}\p{Zl}\p{Zp}\u00A0\uFEFF]/gu, escaped)
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0
  return code > 0xff_ff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0')
}

function comment(text: string, indent: string): string {
  const width = COLUMNS - indent.length - 2
  return text
    .split('\n')
    .flatMap((line) => wrapped(line, width))
    .map((line) => `${indent}#${line === '' ? '' : ` ${line}`}`)
    .join('\n')
}

function wrapped(line: string, width: number): readonly string[] {
  const lines: string[] = []
  let current = ''
  for (const word of line.split(' ')) {
    const longer = current === '' ? word : `${current} ${word}`
    if (longer.length > width && current !== '') {
      lines.push(current)
      current = word
    } else current = longer
  }
  return [...lines, current]
}
