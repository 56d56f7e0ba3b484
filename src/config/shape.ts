// Checks that unknown JSON has the expected shape. Every message starts with the path of the value.

import { isObject, type JsonObject } from '../json.ts'
import { CniCode, CniError, errorText } from '../cni/error.ts'
import { jsonHint } from './json-hint.ts'

/** Returns an error like "missing or wrong type": code 7 with `<path>: <problem>` as details. */
export function configError(path: string, problem: string): CniError {
  return new CniError(CniCode.InvalidConfig, 'invalid configuration', `${path}: ${problem}`)
}

/** Parses JSON text that must be an object. `source` names it in errors. @throws CniError DecodeFailure */
export function parseObject(text: string, source: string): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    const problem = `${errorText(error)}${jsonHint(text)}`
    const empty = text.trim() === ''
    throw new CniError(
      CniCode.DecodeFailure,
      'not valid JSON',
      empty ? `${source}: is empty, but must be a JSON object` : `${source}: ${problem}`,
      { cause: error },
    )
  }
  if (isDeeper(value, MOST_LEVELS)) {
    throw new CniError(
      CniCode.DecodeFailure,
      'JSON is nested too deeply',
      `${source}: has lists and objects nested more than ${String(MOST_LEVELS)} levels deep`,
    )
  }
  if (!isObject(value)) {
    throw new CniError(CniCode.DecodeFailure, 'not a JSON object', `${source}: is ${describe(value)}`)
  }
  return value
}

// JSON.parse has no depth limit, but JSON.stringify, which writes errors and results, runs out of stack at a
// few thousand levels.
const MOST_LEVELS = 100

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((item) => isDeeper(item, levels - 1))
}

/** Returns a non-empty string, or undefined when the value is absent or null. */
export function optionalString(value: unknown, path: string): string | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string' || value === '') {
    throw configError(path, `needs a non-empty string, got ${describe(value)}`)
  }
  return value
}

/** Returns a boolean, or undefined when the value is absent or null. */
export function optionalBoolean(value: unknown, path: string): boolean | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'boolean') throw configError(path, `needs true or false, got ${describe(value)}`)
  return value
}

/** Returns a whole number in [least, most], or undefined when the value is absent or null. */
export function optionalInteger(
  value: unknown,
  path: string,
  least: number,
  most: number,
): number | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    throw configError(
      path,
      `needs a whole number from ${String(least)} to ${String(most)}, got ${describe(value)}`,
    )
  }
  return value
}

/** Returns an object; an empty one when the value is absent or null (Go writes nil maps as null). */
export function optionalObject(value: unknown, path: string): JsonObject {
  if (value === undefined || value === null) return {}
  if (!isObject(value)) throw configError(path, `needs an object, got ${describe(value)}`)
  return value
}

/** Returns a list of texts; empty when the value is absent or null (Go writes nil lists as null). */
export function stringList(value: unknown, path: string): readonly string[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw configError(path, `needs a list, got ${describe(value)}`)
  return value.map((item: unknown, index) => {
    if (typeof item !== 'string') {
      throw configError(`${path}[${String(index)}]`, `needs a string, got ${describe(item)}`)
    }
    return item
  })
}

/**
 * Refuses keys that are not in `known`, naming key and value.
 * @throws CniError UnsupportedField (SPEC 1.1.0, section 5: code 2 names key and value)
 */
export function refuseUnknownKeys(object: JsonObject, known: readonly string[], path: string): void {
  for (const key of Object.keys(object)) {
    if (known.includes(key)) continue
    const full = path === '' ? key : `${path}.${key}`
    const near = known.find((name) => name.toLowerCase() === key.toLowerCase())
    const hint = near === undefined ? `known here: ${known.join(', ')}` : `did you mean ${near}?`
    throw new CniError(
      CniCode.UnsupportedField,
      'unknown key',
      `${full}: ${shorten(JSON.stringify(object[key]))} (${hint})`,
    )
  }
}

/**
 * Returns the value of `key` in any letter case, because Go runtimes decode and send keys that way
 * ("HostPort" from nerdctl). An exact match takes precedence.
 */
export function anyCase(object: JsonObject, key: string): unknown {
  if (Object.hasOwn(object, key)) return object[key]
  const match = Object.keys(object).find((name) => name.toLowerCase() === key.toLowerCase())
  return match === undefined ? undefined : object[match]
}

/** Returns a value as error messages show it: its JSON, shortened to a readable length. */
export function describe(value: unknown): string {
  return value === undefined ? 'nothing' : shorten(JSON.stringify(value))
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}
