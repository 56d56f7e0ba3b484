// Reads one key of a runtime's configuration: the subset of TOML with strings and lists of strings (toml.io,
// v1.0.0).

/**
 * Returns the value of `key` in `[section]`, a string as a list of one; undefined when unset. Comments are
 * ignored.
 */
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
