// Reads Prometheus' text format as far as single figures go (its document "Exposition formats").

/**
 * The values of the metrics whose name ends in one of `endings`, by that ending; those of several label sets are added up.
 * Namespace and subsystem stand in front of a name and are whatever Nebula's configuration says.
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
