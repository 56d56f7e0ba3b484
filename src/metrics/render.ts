// Renders metrics as text: https://prometheus.io/docs/instrumenting/exposition_formats/, "Text-based format",
// version 0.0.4.

import { METRICS } from './definitions.ts'
import type { Registry, Series } from './registry.ts'

/** The Content-Type of the response. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** Renders the whole registry, ending in a line feed. Omits metrics without any series. */
export function render(registry: Registry): string {
  const lines: string[] = []
  for (const [name, all] of registry.metrics) {
    if (all.size === 0) continue
    const { help, kind } = METRICS[name]
    lines.push(`# HELP ${name} ${escapeHelp(help)}`, `# TYPE ${name} ${kind}`)
    for (const one of all.values()) {
      if (kind === 'histogram') pushHistogram(lines, name, one)
      else lines.push(`${name}${braces(one.labels)} ${number(one.values[0] ?? 0)}`)
    }
  }
  return lines.map((line) => `${line}\n`).join('')
}

// Buckets are cumulative in the text. In memory they are not, so that an observation touches only one of
// them.
function pushHistogram(lines: string[], name: string, { labels, buckets, values }: Series): void {
  let sofar = 0
  for (let index = 0; index <= buckets.length; index += 1) {
    sofar += values[index] ?? 0
    const le = number(buckets[index] ?? Infinity)
    lines.push(`${name}_bucket${braces({ ...labels, le })} ${number(sofar)}`)
  }
  lines.push(`${name}_sum${braces(labels)} ${number(values.at(-1) ?? 0)}`)
  lines.push(`${name}_count${braces(labels)} ${number(sofar)}`)
}

function braces(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${escapeValue(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

// "Label values: backslash, double-quote and line feed are escaped". Peers' names come from certificates.
function escapeValue(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

function escapeHelp(help: string): string {
  return help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function number(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  return String(value)
}
