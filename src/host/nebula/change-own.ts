// Changes a file that join may have put on this host. `leave` must take it away all the same, so the journal
// learns of the change first. A text that is not ours is kept beside it.

import { hash } from 'node:crypto'
import { CniCode, CniError } from '../../cni/error.ts'
import { decodeUnicode } from '../../config/source-text.ts'
import { isComplete, pathHistories } from '../../provision/host/journal.ts'
import { openJournal } from '../../state/joined/journal-file.ts'
import { lookAt } from '../../state/joined/places.ts'
import { rewriteFile } from '../../state/files/rewrite.ts'
import { readOptional } from '../../state/files/source-file.ts'
import { keepCopy } from './write-configuration.ts'

/**
 * Replaces the text of a file by what `change` makes of it. Returns the path of the copy of a text that was
 * not ours. @throws CniError
 */
export function changeOwn(path: string, change: (text: string) => string): string | undefined {
  const text = readOptional(path, 'file', decodeUnicode)
  if (text === undefined) throw new CniError(CniCode.IoFailure, 'nothing to change', `${path}: no such file`)
  const changed = change(text)
  if (changed === text) return undefined
  const before = lookAt(path)
  const journal = openJournal()
  const entries = journal.entries()
  const known = pathHistories(entries).find((history) => history.path === path)
  const isOurs = before.kind === 'file' && known?.ours.has(before.sha256) === true
  const copy = isOurs ? undefined : keepCopy(path, text)
  if (isOurs) {
    const wasComplete = isComplete(entries)
    journal.append({ kind: 'path', path, before, backup: '', after: hash('sha256', changed) })
    if (wasComplete) journal.append({ kind: 'done' })
  }
  rewriteFile(path, changed)
  return copy
}
