// The network configurations and plugin files that runtimes find.

import { createHash } from 'node:crypto'
import { accessSync, constants, createReadStream, existsSync, readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { readConflist } from '../../check/conflist.ts'
import type { Facts } from '../../check/facts.ts'
import type { ConflistFile, PluginFile } from '../../check/facts/conflists.ts'
import { type JsonObject, parseObject } from '../../config/shape.ts'
import { CniError } from '../../cni/error.ts'
import { readOptional } from '../../state/source-file.ts'
import type { GatherContext } from '../context.ts'
import { podmanFacts } from '../podman.ts'
import { findRuntimes, networkFolders } from '../runtimes.ts'

// Of the time that there is: comparing files comes after everything else.
const DIGEST_PART = 0.6

export async function gatherConflists({ settingsFile, limitMs }: GatherContext): Promise<Facts['conflists']> {
  const folders = networkFolders()
  const base = readableObject(settingsFile)
  const podman = await podmanFacts(limitMs)
  const runtimes = findRuntimes(podman)
  const pluginFolders = [...new Set(runtimes.flatMap((runtime) => runtime.pluginFolders))]
  return {
    folders,
    files: folders.flatMap((folder) => filesIn(folder, base)),
    runtimes,
    plugins: await pluginsIn(pluginFolders, Math.floor(limitMs * DIGEST_PART)),
    podman,
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

async function pluginsIn(folders: readonly string[], limitMs: number): Promise<readonly PluginFile[]> {
  const isThisOne = comparer(AbortSignal.timeout(limitMs))
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

// Links are followed, and may lead nowhere or in circles.
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

// Two builds may be of one size; then both are read. A disk that is too slow for that must not cost everything else that
// is known of the networks.
function comparer(late: AbortSignal): (path: string) => Promise<boolean | undefined> {
  let ownDigest: Promise<string> | undefined
  return async (path) => {
    const [own, other] = [statSync(process.execPath), statSync(path)]
    if (own.dev === other.dev && own.ino === other.ino) return true
    if (own.size !== other.size) return false
    ownDigest ??= digest(process.execPath, late)
    try {
      const [a, b] = await Promise.all([ownDigest, digest(path, late)])
      return a === b
    } catch (error) {
      if (late.aborted) return undefined
      throw error
    }
  }
}

async function digest(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: 4_194_304 }), hash, { signal })
  return hash.digest('hex')
}
