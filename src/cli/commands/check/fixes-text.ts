// What --fix did, or would do.

import type { Repair } from '../../../diagnose/fix/apply.ts'
import type { Theme } from '../../terminal.ts'

export function fixesText(fixes: readonly Repair[], isTrial: boolean, theme: Theme): string {
  if (fixes.length === 0) return 'nothing can be repaired automatically\n'
  const lines = fixes.flatMap(({ ids, what, undo, problem }) => {
    const about = theme.dim(`(${ids.join(', ')})`)
    if (problem !== undefined) return [`${theme.bad('not done')}: ${what} ${about}`, `  ${problem}`]
    return [`${isTrial ? 'would' : theme.good('done')}: ${what} ${about}`, `  undo: ${undo}`]
  })
  return `${lines.join('\n')}\n`
}

export function fixesData(fixes: readonly Repair[], isTrial: boolean): object {
  return { dryRun: isTrial, repairs: fixes }
}
