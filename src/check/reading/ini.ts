// Reads files of sections and keys: /etc/wsl.conf and .wslconfig
// (learn.microsoft.com/windows/wsl/wsl-config).

/**
 * Returns values by "section.key", both in lower case. Like WSL, it ignores lines that are not "key = value".
 */
export function parseIni(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  let section = ''
  for (const raw of text.split(/\r?\n/)) {
    const line = raw
      .replace(/^\uFEFF/, '')
      .replace(/[#;].*$/, '')
      .trim()
    const head = /^\[([^\]]+)\]$/.exec(line)?.[1]
    if (head !== undefined) section = head.trim().toLowerCase()
    const [, key, value] = /^([^=\s]+)\s*=\s*(.*)$/.exec(line) ?? []
    if (key !== undefined && value !== undefined)
      values.set(`${section}.${key.toLowerCase()}`, value.replace(/^(["'])(.*)\1$/, '$2').trim())
  }
  return values
}
