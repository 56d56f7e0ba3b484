// Recognises common mistakes in hand-written JSON.

import { BYTE_ORDER_MARK } from './source-text.ts'

/**
 * Guesses what is wrong with a text that JSON.parse refuses, as the end of a sentence. Returns "" if nothing
 * is recognised.
 */
export function jsonHint(text: string): string {
  if (text.startsWith(BYTE_ORDER_MARK)) return '; it begins with a byte order mark, remove it'
  // Ignore strings, which may contain all of this (RFC 8259, section 7).
  const bare = text.replaceAll(/"(?:\\.|[^"\\\n])*"/g, '""')
  // From word processors and input methods: “ ”, no-break and ideographic spaces, full-width punctuation.
  const foreign = /[^\0-\x7f]/u.exec(bare)?.[0]
  const comment = /\/\/|\/\*|^\s*#/m.exec(bare)?.index ?? Infinity
  if (foreign !== undefined && bare.indexOf(foreign) < comment) {
    const code = (foreign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
    return `; U+${code} is allowed in strings only; use plain spaces, commas and quotation marks (")`
  }
  if (comment !== Infinity) return '; JSON has no comments, remove them'
  if (/,\s*[}\]]/.test(bare)) return '; JSON has no comma before "}" or "]", remove it'
  return /'[^']*'\s*:/.test(bare) ? '; JSON has no single quotation marks, use "' : ''
}
