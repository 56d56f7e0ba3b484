// The network configurations and plugin files that runtimes find.

import { createHash } from 'node:crypto'
import { accessSync, constants, createReadStream, existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { readConflist } from '../../check/conflist.ts'
import type { Facts } from '../../check/facts.ts'
import type { ConflistFile, PluginFile } from '../../check/facts/conflists.ts'
import { type JsonObject, parseObject } from '../../config/shape.ts'
import { CniError } from '../../cni/error.ts'
import { readOptional } from '../../state/source-file.ts'
import type { GatherContext } from '../context.ts'
import { findRuntimes, networkFolders, podmanBackend } from '../runtimes.ts'

export async function gatherConflists({ settingsFile }: GatherContext): Promise<Facts['conflists']> {
  const folders = networkFolders()
  const base = readableObject(settingsFile)
  const runtimes = findRuntimes()
  const pluginFolders = [...new Set(runtimes.flatMap((runtime) => runtime.pluginFolders))]
  return {
    folders,
    files: folders.flatMap((folder) => filesIn(folder, base)),
    runtimes,
    plugins: (await Promise.all(pluginFolders.map(pluginsIn))).flat(),
    podmanBackend: podmanBackend(),
  }
}

// libcni, ConfFiles: these three endings, whatever else lies there.
function filesIn(folder: string, base: JsonObject): readonly ConflistFile[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => /\.(conflist|conf|json)$/.test(name))
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

// A damaged settings file is SYS-001's; what a configuration says for itself can be judged without it.
function readableObject(path: string): JsonObject {
  try {
    return parseObject(readOptional(path, 'settings file') ?? '{}', path)
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    return {}
  }
}

function pluginsIn(folder: string): Promise<readonly PluginFile[]> {
  if (!existsSync(folder)) return Promise.resolve([])
  return Promise.all(
    readdirSync(folder).map(async (name) => {
      const path = join(folder, name)
      const isExecutable = canRun(path)
      const isOurs = name === 'flatnet-cni' || name === 'flatnet-ipam'
      return { path, isExecutable, isThisOne: isOurs && isExecutable ? await isThisOne(path) : undefined }
    }),
  )
}

// Links are followed; one that leads nowhere cannot be run.
function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

async function isThisOne(path: string): Promise<boolean> {
  const [own, other] = [statSync(process.execPath), statSync(path)]
  if (own.dev === other.dev && own.ino === other.ino) return true
  if (own.size !== other.size) return false
  // Two builds may be of one size; reading both takes less than a second.
  const [a, b] = await Promise.all([digest(process.execPath), digest(path)])
  return a === b
}

async function digest(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: 4_194_304 }), hash)
  return hash.digest('hex')
}
