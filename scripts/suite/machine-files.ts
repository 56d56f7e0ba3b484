// Sees what tests leave in the machine's own folders. Their hosts have private copies of these; a file that
// gets past them changes what later tests find.
import { type Dirent, readdirSync } from 'node:fs'
import { join } from 'node:path'

const FOLDERS = [
  '/etc/cni',
  '/etc/flatnet',
  '/etc/nebula',
  '/etc/systemd/system',
  '/opt/cni',
  '/usr/lib/cni',
  '/usr/lib/netavark',
  '/usr/local/bin',
  '/usr/local/libexec',
  '/var/lib/flatnet',
]

/** Returns the paths below these folders. */
export function machineFiles(folders: readonly string[] = FOLDERS): ReadonlySet<string> {
  return new Set(folders.flatMap((folder) => pathsBelow(folder)))
}

/** Returns the paths that `after` has and `before` has not, sorted. */
export function newFiles(before: ReadonlySet<string>, after: ReadonlySet<string>): readonly string[] {
  return [...after].filter((path) => !before.has(path)).toSorted()
}

function pathsBelow(folder: string): readonly string[] {
  let entries: Dirent[]
  try {
    entries = readdirSync(folder, { withFileTypes: true, recursive: true })
  } catch {
    // It is not there, or not for this user.
    return []
  }
  return entries.map(({ parentPath, name }) => join(parentPath, name))
}
