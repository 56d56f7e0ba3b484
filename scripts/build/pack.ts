// The last step: pkg's simple SEA mode combines main script, assets and Node into one file, which is tested
// before it replaces the old one.

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import sea from '@yao-pkg/pkg/lib-es5/sea.js'
import { NODE_VERSION, pkgHome, type Arch } from './base.ts'
import { BuildError } from './build-error.ts'
import type { Bundles } from './bundle.ts'

interface PackJob {
  readonly root: string
  /** The folder for unfinished files, on the same file system as `output`. */
  readonly work: string
  /** The file that records what the executable was built from. */
  readonly stamp: string
  /** The path of the executable to build. */
  readonly output: string
  readonly arch: Arch
  /** The path of Node's executable for `arch`. */
  readonly base: string
  readonly bundles: Bundles
  /** Asset name to path, code caches included. */
  readonly assets: Readonly<Record<string, string>>
  /** Whether this machine can run the result. If so, the result has code caches and is tested. */
  readonly isNative: boolean
}

/** Builds the executable and returns its size in bytes. `output` is replaced atomically, after the test. */
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

/** Tells whether `output` is this build's result for the same bundles, unmodified since. */
export function isUpToDate(output: string, stamp: string, bundles: Bundles): boolean {
  try {
    return readFileSync(stamp, 'utf8') === stampOf(output, bundles)
  } catch {
    return false
  }
}

// pkg's command line cannot name assets, or request a code cache without package.json's slow virtual file
// system; the function behind it can do both.
async function runPkg(job: PackJob, output: string): Promise<void> {
  const before = { HOME: process.env['HOME'], TMPDIR: process.env['TMPDIR'] }
  process.env['HOME'] = pkgHome(job.root, job.arch, job.base)
  process.env['TMPDIR'] = job.work
  try {
    await sea.default(job.bundles.main, {
      targets: [{ platform: 'linux', arch: job.arch, nodeRange: `node${NODE_VERSION}`, output }],
      seaConfig: {
        disableExperimentalSEAWarning: true,
        useSnapshot: false,
        assets: { ...job.assets },
        ...MAIN,
        ...START,
      },
    })
  } finally {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) Reflect.deleteProperty(process.env, name)
      else process.env[name] = value
    }
  }
}

// The path of the main script is in the executable. pkg makes its own folder in $TMPDIR and works in there,
// so this one is the same wherever the build runs. The script is nearly empty; its cache would gain nothing
// and would differ in every build, because the process that makes it has no fixed seed.
const MAIN = { main: '../main.js', useCodeCache: false }

const START = {
  // Threads that a call of a few milliseconds starts for nothing (docs/startup.md): V8's for compiling and
  // collecting garbage, of which one is enough for the agent too, and the one that waits for SIGUSR1 to open
  // a debugger. No flag of V8 itself: with one, V8 refuses the code cache of Node's own modules.
  execArgv: ['--v8-pool-size=1', '--disable-sigusr1'],
  // A runtime passes its environment on, and a NODE_OPTIONS in it would load files into the plugin, print to
  // stderr or stop it with an error of Node's own. pkg passes these keys through without knowing them.
  execArgvExtension: 'none',
}

// VERSION must answer. An unknown verb and a DEL load plugin.js with one cache each, which V8 must accept.
function tryOut(executable: string): void {
  const version = spawnSync(executable, { env: { CNI_COMMAND: 'VERSION' }, input: '', encoding: 'utf8' })
  if (version.status !== 0 || !version.stdout.includes('"supportedVersions"')) fail('VERSION', version)
  for (const verb of ['NOSUCH', 'DEL']) {
    const env = { CNI_COMMAND: verb, FLATNET_BUILD_CHECK: '1' }
    const other = spawnSync(executable, { env, input: '{}', encoding: 'utf8' })
    if (other.status !== 1 || other.stderr !== '' || !other.stdout.startsWith('{')) fail(verb, other)
  }
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
