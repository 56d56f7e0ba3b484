// The files of a configuration that may be one file or a folder of them, as Nebula finds them (config/config.go, resolve).

import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

import { CniCode, CniError } from '../cni/error.ts'

const MOST_FILES = 200
const MOST_LEVELS = 8

/**
 * `path` itself when it is a file, whatever its name; of a folder all files below it that end in .yml or .yaml, sorted by
 * path. Empty when there is nothing. @throws CniError IoFailure for a folder that cannot be read or has more than 200
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
    const reason = error instanceof Error ? error.message : String(error)
    throw new CniError(CniCode.IoFailure, 'configuration not readable', `${path}: ${reason}`, {
      cause: error,
    })
  }
}

function below(folder: string, levels: number): string[] {
  if (levels === 0) return []
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    // Nebula passes over what vanishes or dangles.
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat?.isDirectory()) return below(path, levels - 1)
    return stat?.isFile() && /\.ya?ml$/.test(name) ? [path] : []
  })
}
