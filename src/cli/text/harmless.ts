// Removes control characters from text for the operator's terminal. Names in certificates, names of
// containers and answers of other hosts are untrusted, and a terminal executes control characters.

// Our own sequences from theme.ts, and every other character that could mislead a terminal or a reader
// (Unicode: Cc, and those that change the writing direction).
const CONTROL = /\p{Cc}\[(?:1|2|22|31|32|33|39)m|(?![\n\t])[\p{Cc}\p{Bidi_Control}]/gu
const IN_JSON = /(?!\n)[\p{Cc}\p{Bidi_Control}]/gu
const ESCAPE = 0x1b

/** Returns the text with every control character except newline, tab and our own colours shown as U+FFFD. */
export function harmless(text: string): string {
  return text.replaceAll(CONTROL, (found) => {
    if (found.length === 1) return '\u{fffd}'
    return found.charCodeAt(0) === ESCAPE ? found : `\u{fffd}${found.slice(1)}`
  })
}

/**
 * Returns JSON text without terminal control sequences; JSON.stringify escapes only the first 32 characters.
 */
export function harmlessJson(json: string): string {
  return json.replaceAll(IN_JSON, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
