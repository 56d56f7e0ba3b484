// No private key leaves the host in an archive, wherever it stood.

// One that does not end takes the rest of the text along.
const KEY = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[^]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g

/** The text with every private key block replaced by a word about it. */
export function withoutKeys(text: string): string {
  return text.replaceAll(KEY, '(private key removed)')
}
