// Turns a journal and what is there now into the steps that take flatnet off a host.

import { pathHistories, type JournalEntry, type PathHistory } from './journal.ts'
import type { Found } from './step.ts'

/** What `leave` does at a path. */
export type Undo =
  | { readonly path: string; readonly act: 'remove' }
  /** A folder that join made goes when it is empty. */
  | { readonly path: string; readonly act: 'remove-folder' }
  | { readonly path: string; readonly act: 'restore'; readonly backup: string; readonly mode: number }
  | { readonly path: string; readonly act: 'relink'; readonly target: string }
  /** It was changed since, so the changed text is moved to `saved` before the path is undone. */
  | { readonly path: string; readonly act: 'save'; readonly saved: string }

/** Returns the units to stop, the last one started first. */
export function unitsToStop(entries: readonly JournalEntry[]): readonly string[] {
  const units = entries.flatMap((entry) => (entry.kind === 'unit' ? [entry.unit] : []))
  return [...new Set(units)].toReversed()
}

/** Returns the steps in order: what was put last goes first. @param found by path */
export function undoSteps(
  entries: readonly JournalEntry[],
  found: ReadonlyMap<string, Found>,
): readonly Undo[] {
  return pathHistories(entries)
    .toReversed()
    .flatMap((history) => undoOf(history, found.get(history.path) ?? { kind: 'absent' }))
}

function undoOf(history: PathHistory, now: Found): readonly Undo[] {
  const { path, original, backup } = history
  if (original.kind === 'folder' || original.kind === 'other' || isSame(original, now)) return []
  if (now.kind === 'folder')
    return original.kind === 'absent' && history.ours.has('') ? [{ path, act: 'remove-folder' }] : []
  const saved: Undo[] = isOurs(history, now) ? [] : [{ path, act: 'save', saved: `${path}.saved-by-leave` }]
  switch (original.kind) {
    case 'absent':
      return saved.length > 0 ? saved : [{ path, act: 'remove' }]
    case 'file':
      return [...saved, { path, act: 'restore', backup, mode: original.mode }]
    case 'link':
      return [...saved, { path, act: 'relink', target: original.target }]
  }
}

function isSame(original: Found, now: Found): boolean {
  if (original.kind === 'file' && now.kind === 'file')
    return original.sha256 === now.sha256 && original.mode === now.mode
  if (original.kind === 'link' && now.kind === 'link') return original.target === now.target
  return original.kind === 'absent' && now.kind === 'absent'
}

function isOurs({ ours }: PathHistory, now: Found): boolean {
  if (now.kind === 'absent') return true
  if (now.kind === 'file') return ours.has(now.sha256)
  return now.kind === 'link' && ours.has(now.target)
}
