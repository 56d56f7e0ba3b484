// Names in certificates, of containers and in answers of other hosts are printed on an operator's terminal, where control
// characters are commands.

// The sequences of theme.ts, and whatever else a terminal or a reader of text could be misled by (Unicode: Cc, and what
// turns the direction of writing).
const CONTROL = /\p{Cc}\[(?:1|2|22|31|32|33|39)m|(?![\n\t])[\p{Cc}\p{Bidi_Control}]/gu
const IN_JSON = /(?!\n)[\p{Cc}\p{Bidi_Control}]/gu
const ESCAPE = 0x1b

/** The text with every control character but newline, tab and our own colours shown as U+FFFD. */
export function harmless(text: string): string {
  return text.replaceAll(CONTROL, (found) => {
    if (found.length === 1) return '\u{fffd}'
    return found.charCodeAt(0) === ESCAPE ? found : `\u{fffd}${found.slice(1)}`
  })
}

/** JSON text that no terminal can take for commands; JSON.stringify escapes the first 32 characters only. */
export function harmlessJson(json: string): string {
  return json.replaceAll(IN_JSON, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
