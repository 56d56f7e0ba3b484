// Why records cannot be used, for people.

import { keyOfPath, loadRecord } from '../state/records.ts'

/** A record file that cannot be used. */
export interface DamagedRecord {
  readonly path: string
  /** "the file is empty"; "version 2 instead of 1 (…)" */
  readonly problem: string
}

/** The reason for each of the paths that openStore().list() calls damaged. */
export function explainDamaged(stateDir: string, paths: readonly string[]): readonly DamagedRecord[] {
  return paths.map((path) => {
    const key = keyOfPath(path)
    if (key === undefined) return { path, problem: 'its name does not say whose it is' }
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
