// The words of `flatnet-cni nebula config`.

import type { Comparison } from '../../../provision/nebula/compare.ts'
import { type NebulaService, nebulaStep } from '../../../nebula/service.ts'
import type { Theme } from '../../terminal.ts'
import { harmless } from '../../text/harmless.ts'

/** Renders a comparison: one paragraph per key. */
export function diffText(theme: Theme, file: string, { differences, kept }: Comparison): string {
  const head =
    differences.length === 0
      ? `${file}: has all that flatnet-cni would write`
      : `${file}: ${String(differences.length)} keys differ from what flatnet-cni would write`
  const parts = differences.map(({ key, yours, ours, why }) =>
    [
      theme.strong(key),
      `  yours: ${harmless(yours ?? 'missing')}`,
      `  ours:  ${harmless(ours)}`,
      `  why:   ${why}`,
    ].join('\n'),
  )
  const rest = kept.map(({ key, value }) => `  ${harmless(key)}: ${harmless(JSON.stringify(value))}`)
  const tail = rest.length === 0 ? [] : ['only in yours, and kept:', ...rest]
  return `${[head, ...parts, ...tail].join('\n')}\n`
}

/** Renders the result of --write. */
export function writtenText(
  file: string,
  { backup, tested: isTested }: { readonly backup: string; readonly tested: boolean },
  service: NebulaService,
): string {
  const test = isTested ? '' : ', without a test: nebula is not installed'
  return `wrote ${file}${test}; the old one is ${backup}\nrun next: ${nebulaStep('restart', service)}\n`
}
