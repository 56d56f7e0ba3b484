// Explains why records cannot be used.

import { keyOfPath, loadRecord } from '../../state/addresses/records.ts'

/** A record file that cannot be used. */
export interface DamagedRecord {
  readonly path: string
  /** "the file is empty"; "version 2 instead of 1 (…)" */
  readonly problem: string
}

/** Returns the reason for each path that openStore().list() calls damaged. */
export function explainDamaged(stateDir: string, paths: readonly string[]): readonly DamagedRecord[] {
  return paths.map((path) => {
    const key = keyOfPath(path)
    if (key === undefined) return { path, problem: 'its file name does not name an attachment' }
    const loaded = loadRecord(stateDir, key)
    const problem = loaded !== undefined && 'problem' in loaded ? loaded.problem : 'it cannot be read'
    return {
      path,
      problem: problem.startsWith('version')
        ? `${problem} (another version of flatnet-cni wrote it)`
        : problem,
    }
  })
}
