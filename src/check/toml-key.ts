// Enough of TOML to read one key of a runtime's configuration: texts and lists of texts (toml.io, v1.0.0).

/** The value of `key` in `[section]`, a text as a list of one; undefined when it is not set. Comments do not count. */
export function tomlKey(text: string, section: string, key: string): readonly string[] | undefined {
  const lines = text.split('\n').map((line) => line.replace(/^\s*#.*$/, ''))
  const start = lines.findIndex((line) => line.trim().replaceAll(/["'\s]/g, '') === `[${section}]`)
  if (start === -1) return undefined
  const rest = lines.slice(start + 1)
  const end = rest.findIndex((line) => /^\s*\[/.test(line))
  const body = (end === -1 ? rest : rest.slice(0, end)).join('\n')
  const value = new RegExp(`^\\s*${key}\\s*=\\s*(\\[[^\\]]*\\]|"[^"\\n]*"|'[^'\\n]*')`, 'm').exec(body)?.[1]
  if (value === undefined) return undefined
  return [...value.matchAll(/"([^"\n]*)"|'([^'\n]*)'/g)].map(([, double, single]) => double ?? single ?? '')
}
