// One value as a literal of PowerShell.

/**
 * Returns a single-quoted string. PowerShell takes four more characters for a single quote, U+2018 to
 * U+201B, and reads two in a row as one (CodeGeneration.EscapeSingleQuotedStringContent doubles the same
 * five).
 * @throws Error for control characters and halves of characters, which every grammar in values.ts refuses
 */
export function quote(text: string): string {
  // A line end or NUL in a value is our mistake, and a script with it would not be what was shown.
  if (/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(text)) throw new Error(`not quotable: ${JSON.stringify(text)}`)
  return `'${text.replaceAll(/['\u2018\u2019\u201A\u201B]/g, '$&$&')}'`
}
