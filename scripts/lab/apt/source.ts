// Finds the Debian archive that this machine itself uses, in either form of apt's source lists:
// sources.list(5).
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

interface AptSource {
  /** For example `http://…/debian`, or a `mirror+file:` URI. */
  readonly uri: string
  /** The path of the keyring, if the machine's source names one. */
  readonly signedBy: string | undefined
}

/** Returns the archive. @throws Error when no source of this machine offers Debian's suites */
export async function debianSource(folder = '/etc/apt'): Promise<AptSource> {
  for (const path of await sourceFiles(folder)) {
    const text = await readFile(path, 'utf8')
    const found = path.endsWith('.sources') ? fromDeb822(text) : fromOneLine(text)
    if (found !== undefined) return found
  }
  throw new Error(`no Debian archive in the apt sources below ${folder}: is this Debian?`)
}

/** Parses stanzas of `Key: value` lines; the first one with a Debian suite wins. */
export function fromDeb822(text: string): AptSource | undefined {
  for (const stanza of text.split(/\n\s*\n/)) {
    const fields = new Map<string, string>()
    for (const line of stanza.split('\n')) {
      const match = /^([A-Za-z-]+):\s*(.*)$/.exec(line)
      if (match?.[1] !== undefined) fields.set(match[1].toLowerCase(), (match[2] ?? '').trim())
    }
    const uri = fields.get('uris')?.split(/\s+/)[0]
    const isOff = fields.get('enabled')?.toLowerCase() === 'no'
    if (uri === undefined || isOff || !hasDebianSuite(fields.get('suites') ?? '')) continue
    const signedBy = fields.get('signed-by')
    return { uri, signedBy: signedBy?.startsWith('/') === true ? signedBy : undefined }
  }
  return undefined
}

/** Parses lines of the form `deb [options] uri suite component…`. */
export function fromOneLine(text: string): AptSource | undefined {
  for (const line of text.split('\n')) {
    const match = /^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s/.exec(`${line.trim()} `)
    if (match?.[2] === undefined || !hasDebianSuite(match[3] ?? '')) continue
    return { uri: match[2], signedBy: /signed-by=(\/\S+)/.exec(match[1] ?? '')?.[1] }
  }
  return undefined
}

// Only the plain suite is in the main archive; `bookworm-security` and suites of third parties are not.
function hasDebianSuite(suites: string): boolean {
  return suites
    .split(/\s+/)
    .some((suite) => /^(bookworm|trixie|forky|sid|stable|oldstable|testing|unstable)$/.test(suite))
}

async function sourceFiles(folder: string): Promise<string[]> {
  const parts = await readdir(join(folder, 'sources.list.d')).catch(() => [])
  const files = parts.filter((name) => /\.(list|sources)$/.test(name)).toSorted()
  const paths = files.map((name) => join(folder, 'sources.list.d', name))
  const main = join(folder, 'sources.list')
  const hasMain = await readFile(main).then(
    () => true,
    () => false,
  )
  return hasMain ? [main, ...paths] : paths
}
