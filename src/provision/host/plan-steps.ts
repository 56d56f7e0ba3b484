// Turns what is wanted and what was found into steps.

import { CniCode, CniError } from '../../cni/error.ts'
import type { Change, Found, Step, Wanted } from './step.ts'

/**
 * Returns one step for each wanted path, in order.
 * @param found by path
 * @throws CniError IoFailure where something is in the way that no step replaces
 */
export function planSteps(wanted: readonly Wanted[], found: ReadonlyMap<string, Found>): readonly Step[] {
  return wanted.map((each) => {
    const there = found.get(each.path) ?? { kind: 'absent' }
    return { wanted: each, found: there, change: changeOf(each, there) }
  })
}

/** Tells whether a step does anything. */
export function isChange({ change }: Step): boolean {
  return change !== 'keep'
}

function changeOf(wanted: Wanted, found: Found): Change {
  if (found.kind === 'absent') return 'create'
  if (wanted.kind === 'folder') {
    // The folder may be another program's, so its mode stays.
    if (found.kind === 'folder') return 'keep'
    throw inTheWay(wanted.path, found, 'a folder')
  }
  if (found.kind === 'folder' || found.kind === 'other')
    throw inTheWay(wanted.path, found, `a ${wanted.kind}`)
  if (wanted.kind === 'link')
    return found.kind === 'link' && found.target === wanted.target ? 'keep' : 'replace'
  if (found.kind === 'link' || found.sha256 !== wanted.content.sha256) return 'replace'
  return found.mode === wanted.mode ? 'keep' : 'mode'
}

function inTheWay(path: string, { kind }: Found, wanted: string): CniError {
  return new CniError(
    CniCode.IoFailure,
    'path in use',
    `${path}: needs ${wanted}, but a ${kind === 'other' ? 'device or pipe' : kind} is there: move it away`,
  )
}
