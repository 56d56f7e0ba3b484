// Counters, gauges and histograms as plain data. A series is looked up once and kept by who writes to it: after that a probe
// costs a few array operations and no allocation (100 peers with three lanes send some thousand probes a second).

import { METRICS, type Definition, type LabelsOf, type MetricName } from './definitions.ts'

/**
 * One line of numbers. Counter and gauge: one value. Histogram: how many observations fell into each bucket (the last one
 * has no bound), then their sum.
 */
export interface Series {
  readonly labels: Readonly<Record<string, string>>
  readonly buckets: readonly number[]
  readonly values: Float64Array
}

/** All series, by metric, then by label values. */
export interface Registry {
  readonly metrics: ReadonlyMap<MetricName, Map<string, Series>>
}

/** An empty registry that knows every metric of {@link METRICS}. Metrics without labels begin at 0, as Prometheus asks. */
export function createRegistry(): Registry {
  const names = Object.keys(METRICS) as MetricName[]
  const registry: Registry = { metrics: new Map(names.map((name) => [name, new Map<string, Series>()])) }
  for (const name of names) if (METRICS[name].labels.length === 0) seriesOf(registry, name, {})
  return registry
}

/** The series with these labels, made at 0 when it is new. Keep it: this is the slow part. */
export function series<Name extends MetricName>(
  registry: Registry,
  name: Name,
  labels: LabelsOf<Name>,
): Series {
  return seriesOf(registry, name, labels)
}

/** Counts `by`, which is never negative, on a counter. */
export function count(counter: Series, by = 1): void {
  counter.values[0] = (counter.values[0] ?? 0) + by
}

/** Sets a gauge, or a counter that the kernel keeps. */
export function set(gauge: Series, value: number): void {
  gauge.values[0] = value
}

/** Adds one observation, in the metric's unit, to a histogram. */
export function observe(histogram: Series, value: number): void {
  const { buckets, values } = histogram
  let index = 0
  // Linear: most round trips end in the first few buckets.
  while (index < buckets.length && value > (buckets[index] as number)) index += 1
  values[index] = (values[index] as number) + 1
  const sum = values.length - 1
  values[sum] = (values[sum] as number) + value
}

/** Removes every series whose label has the value: a peer that has left must not stay in its last state for ever. */
export function forget(registry: Registry, label: string, value: string): void {
  for (const all of registry.metrics.values()) {
    for (const [key, { labels }] of all) if (labels[label] === value) all.delete(key)
  }
}

function seriesOf(registry: Registry, name: MetricName, labels: Readonly<Record<string, string>>): Series {
  const definition: Definition = METRICS[name]
  const all = registry.metrics.get(name)
  if (all === undefined) throw new TypeError(`no metric ${name}`)
  const values = definition.labels.map((label) => labels[label] ?? '')
  const key = JSON.stringify(values)
  const found = all.get(key)
  if (found !== undefined) return found
  const buckets = definition.buckets ?? []
  const made: Series = {
    labels: Object.fromEntries(definition.labels.map((label, index) => [label, values[index] ?? ''])),
    buckets,
    values: new Float64Array(definition.kind === 'histogram' ? buckets.length + 2 : 1),
  }
  all.set(key, made)
  return made
}
