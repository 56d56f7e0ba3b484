// Parsed JSON whose shape is not known yet.

/** A JSON object whose values are not checked yet. */
export type JsonObject = Readonly<Record<string, unknown>>

/** Returns whether `value` is a JSON object (not null, not a list). */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
