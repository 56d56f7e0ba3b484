// Gathers the network configurations and plugin files that runtimes find.

import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { readConflist } from '../../check/reading/conflist.ts'
import type { Facts } from '../../check/facts.ts'
import type { ConflistFile, PluginFile } from '../../check/facts/conflists.ts'
import { withoutMark } from '../../config/source-text.ts'
import { parseObject } from '../../config/shape.ts'
import type { JsonObject } from '../../json.ts'
import { CniError } from '../../cni/error.ts'
import { readOptional } from '../../state/files/source-file.ts'
import type { GatherContext } from '../context.ts'
import { podmanFacts } from '../runtimes/podman.ts'
import { findRuntimes, networkFolders } from '../runtimes/runtimes.ts'
import { comparerWith } from '../same-bytes.ts'

// The share of the time limit that remains after two queries to podman.
const COMPARE_PART = 0.4

export async function gatherConflists({
  settingsFile,
  limitMs,
  missed,
}: GatherContext): Promise<Facts['conflists']> {
  const folders = networkFolders()
  const base = readableObject(settingsFile)
  const podman = await podmanFacts({ limitMs, missed })
  const runtimes = findRuntimes(podman)
  const pluginFolders = [...new Set(runtimes.flatMap((runtime) => runtime.pluginFolders))]
  const compare = comparerWith(process.execPath, limitMs * COMPARE_PART)
  return {
    folders,
    files: folders.flatMap((folder) => filesIn(folder, base)),
    runtimes,
    plugins: await pluginsIn(pluginFolders, async (path) => {
      const isThisOne = await compare(path)
      if (isThisOne === undefined) missed(`reading ${path} to compare it with ${process.execPath}`)
      return isThisOne
    }),
    podman,
  }
}

// libcni, ConfFiles: exactly these three endings. Every entry that is not a folder is read.
function filesIn(folder: string, base: JsonObject): readonly ConflistFile[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && /\.(conflist|conf|json)$/.test(entry.name))
    .map(({ name }) => name)
    .toSorted()
    .map((name) => readFile(join(folder, name), base))
}

function readFile(path: string, base: JsonObject): ConflistFile {
  try {
    return readConflist(path, readOptional(path, 'network configuration') ?? '', base)
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    const problem = error.details.replace(`${path}: `, '')
    return { path, problem, name: '', cniVersion: '', plugins: [], refusals: [], settings: undefined }
  }
}

// SYS-001 reports a damaged settings file. A configuration's own settings can be judged without it.
function readableObject(path: string): JsonObject {
  try {
    return parseObject(withoutMark(readOptional(path, 'settings file') ?? '{}'), path)
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    return {}
  }
}

async function pluginsIn(
  folders: readonly string[],
  isThisOne: (path: string) => Promise<boolean | undefined>,
): Promise<readonly PluginFile[]> {
  const paths = folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
  return Promise.all(
    paths.map(async (path) => {
      const isFile = isRegular(path)
      const isExecutable = isFile && canRun(path)
      const isOurs = ['flatnet-cni', 'flatnet-ipam'].includes(basename(path))
      return {
        path,
        isFile,
        isExecutable,
        isThisOne: isOurs && isExecutable ? await isThisOne(path) : undefined,
      }
    }),
  )
}

// Follows symlinks, which may be dangling or circular.
function isRegular(path: string): boolean {
  try {
    return statSync(path).isFile()
  } catch {
    return false
  }
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
