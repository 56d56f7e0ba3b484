// Reads single figures from Prometheus' text format (its document "Exposition formats").

/**
 * Returns the values of the metrics whose name ends in one of `endings`, keyed by that ending, summed over
 * label sets. Namespace and subsystem precede the name and depend on Nebula's configuration.
 */
export function readMetrics(text: string, endings: readonly string[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const line of text.split('\n')) {
    const [, name = '', value = ''] = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{.*\})?\s+(\S+)/.exec(line) ?? []
    const ending = endings.find((each) => name === each || name.endsWith(`_${each}`))
    const number = Number(value)
    if (ending === undefined || !Number.isFinite(number)) continue
    found.set(ending, (found.get(ending) ?? 0) + number)
  }
  return found
}
