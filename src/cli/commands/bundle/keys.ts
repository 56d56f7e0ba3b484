// Removes private keys from every file of an archive.

// A block without an end takes the rest of the text with it.
const KEY = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[^]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g

/** Returns the text with every private key block replaced by a note. */
export function withoutKeys(text: string): string {
  return text.replaceAll(KEY, '(private key removed)')
}
