// The last step: pkg's simple SEA mode puts main script, assets and Node into one file, which is tried before it takes its place.

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import sea from '@yao-pkg/pkg/lib-es5/sea.js'
import { NODE_VERSION, pkgHome, type Arch } from './base.ts'
import { BuildError } from './build-error.ts'
import type { Bundles } from './bundle.ts'

export interface PackJob {
  readonly root: string
  /** Folder for what is not finished, on the same file system as `output`. */
  readonly work: string
  /** File that remembers what the executable was made of. */
  readonly stamp: string
  /** Path of the executable to make. */
  readonly output: string
  readonly arch: Arch
  /** Path of Node's executable for `arch`. */
  readonly base: string
  readonly bundles: Bundles
  /** Asset name to path, code caches included. */
  readonly assets: Readonly<Record<string, string>>
  /** Whether this machine can run the result: it is tried then, and has code caches. */
  readonly isNative: boolean
}

/** Makes the executable and returns its size in bytes. `output` is replaced in one step, after it was tried. */
export async function pack(job: PackJob): Promise<number> {
  const unfinished = join(job.work, 'flatnet-cni')
  await runPkg(job, unfinished)
  chmodSync(unfinished, 0o755)
  if (job.isNative) tryOut(unfinished)
  mkdirSync(dirname(job.output), { recursive: true })
  renameSync(unfinished, job.output)
  writeFileSync(job.stamp, stampOf(job.output, job.bundles))
  return statSync(job.output).size
}

/** Whether `output` is what this build made of the same bundles, untouched since. */
export function isUpToDate(output: string, stamp: string, bundles: Bundles): boolean {
  try {
    return readFileSync(stamp, 'utf8') === stampOf(output, bundles)
  } catch {
    return false
  }
}

// pkg's command line has no way to name assets or to ask for a code cache without package.json's slow virtual file system; the
// function behind it takes both.
async function runPkg(job: PackJob, output: string): Promise<void> {
  const home = process.env['HOME']
  process.env['HOME'] = pkgHome(job.root, job.arch, job.base)
  try {
    await sea.default(job.bundles.main, {
      targets: [{ platform: 'linux', arch: job.arch, nodeRange: `node${NODE_VERSION}`, output }],
      seaConfig: {
        disableExperimentalSEAWarning: true,
        useSnapshot: false,
        useCodeCache: job.isNative,
        assets: { ...job.assets },
        ...IGNORE_NODE_OPTIONS,
      },
    })
  } finally {
    if (home === undefined) delete process.env['HOME']
    else process.env['HOME'] = home
  }
}

// A runtime hands its environment down, and a NODE_OPTIONS in it would load files into the plugin, print on stderr or stop it
// with an error of Node's own. pkg passes the key on but does not know it.
const IGNORE_NODE_OPTIONS = { execArgvExtension: 'none' }

// VERSION must answer; any other verb loads an asset, and then V8 must take its code cache.
function tryOut(executable: string): void {
  const version = spawnSync(executable, { env: { CNI_COMMAND: 'VERSION' }, input: '', encoding: 'utf8' })
  if (version.status !== 0 || !version.stdout.includes('"supportedVersions"')) fail('VERSION', version)
  const env = { CNI_COMMAND: 'NOSUCH', FLATNET_BUILD_CHECK: '1' }
  const other = spawnSync(executable, { env, input: '{}', encoding: 'utf8' })
  if (other.status !== 1 || other.stderr !== '' || !other.stdout.startsWith('{'))
    fail('an unknown verb', other)
}

function fail(what: string, { status, signal, stdout, stderr }: ReturnType<typeof spawnSync>): never {
  throw new BuildError(
    `the executable fails ${what}: ${signal ?? `exit ${status}`}\n${String(stdout)}${String(stderr)}`,
  )
}

function stampOf(output: string, bundles: Bundles): string {
  const hash = createHash('sha256')
  const ownSources = readdirSync(import.meta.dirname).map((name) => join(import.meta.dirname, name))
  for (const path of [...ownSources, bundles.main, ...Object.values(bundles.assets)])
    hash.update(readFileSync(path))
  const { size, mtimeMs } = statSync(output)
  return JSON.stringify({ sources: hash.digest('hex'), size, mtimeMs })
}
