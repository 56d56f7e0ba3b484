// Files of sections and keys: /etc/wsl.conf and .wslconfig (learn.microsoft.com/windows/wsl/wsl-config).

/**
 * Returns values by "section.key", both in lower case. Like WSL, it ignores lines that are not "key = value".
 */
export function parseIni(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  for (const { section, key, value } of entriesOf(text))
    if (key !== '') values.set(`${section}.${key}`, value.replace(/^(["'])(.*)\1$/, '$2').trim())
  return values
}

/**
 * Returns the text with one key set. Everything else stays, comments, order and line ends included.
 * @param name "section.key" as it is to be written; found whatever its case
 */
export function setIni(text: string, name: string, value: string): string {
  const [section = '', key = ''] = name.split('.')
  const line = `${key}=${value}`
  const lines = text.split('\n')
  const end = lines.some((each) => each.endsWith('\r')) ? '\r' : ''
  const found = entriesOf(text)
  const isOf = (each: Entry): boolean => each.section === section.toLowerCase()
  const same = found.filter((each) => isOf(each) && each.key === key.toLowerCase())
  if (same.length > 0) {
    for (const { index } of same) lines[index] = `${line}${lines[index]?.endsWith('\r') === true ? '\r' : ''}`
    return lines.join('\n')
  }
  const head = found.find((each) => isOf(each) && each.key === '')
  if (head !== undefined) {
    // The last line may be the head itself, without an end.
    if (head.index === lines.length - 1) lines.push('')
    const isBare = end !== '' && lines[head.index]?.endsWith('\r') !== true
    if (isBare) lines[head.index] += end
    lines.splice(head.index + 1, 0, `${line}${end}`)
    return lines.join('\n')
  }
  const gap = text === '' || text.endsWith('\n') ? '' : `${end}\n`
  return `${text}${gap}[${section}]${end}\n${line}${end}\n`
}

/** A line that means something: a head with an empty key, or a key in its section. */
interface Entry {
  readonly index: number
  readonly section: string
  readonly key: string
  readonly value: string
}

function entriesOf(text: string): readonly Entry[] {
  let section = ''
  return text.split('\n').flatMap((raw, index): readonly Entry[] => {
    const line = raw
      .replace(/^(?:\uFEFF|\u00EF\u00BB\u00BF)/, '')
      .replace(/[#;][^]*$/, '')
      .trim()
    const head = /^\[([^\]]+)\]$/.exec(line)?.[1]
    if (head !== undefined) {
      section = head.trim().toLowerCase()
      return [{ index, section, key: '', value: '' }]
    }
    const [, key, value] = /^([^=\s]+)\s*=\s*(.*)$/.exec(line) ?? []
    return key === undefined || value === undefined ? [] : [{ index, section, key: key.toLowerCase(), value }]
  })
}
