// Finds the files of a configuration that may be one file or a folder of them, as Nebula does
// (config/config.go, resolve).

import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

import { CniCode, CniError, errorText } from '../../cni/error.ts'

const MOST_FILES = 200
const MOST_LEVELS = 8

/**
 * Returns `path` itself if it is a file, with any name. For a folder, returns all files below it that end in
 * .yml or .yaml, sorted by path. Empty if nothing exists.
 * @throws CniError IoFailure for a folder that cannot be read or has more than 200 files
 */
export function configFiles(path: string): readonly string[] {
  try {
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat === undefined) return []
    if (!stat.isDirectory()) return [path]
    const found = below(path, MOST_LEVELS)
    if (found.length > MOST_FILES) throw new Error(`has more than ${String(MOST_FILES)} files`)
    return found.toSorted()
  } catch (error) {
    throw new CniError(CniCode.IoFailure, 'configuration not readable', `${path}: ${errorText(error)}`, {
      cause: error,
    })
  }
}

function below(folder: string, levels: number): string[] {
  if (levels === 0) return []
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    // Nebula skips files that vanish and links that dangle.
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat?.isDirectory()) return below(path, levels - 1)
    return stat?.isFile() && /\.ya?ml$/.test(name) ? [path] : []
  })
}
