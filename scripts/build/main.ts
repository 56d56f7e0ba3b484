// Builds dist/flatnet-cni, or dist/flatnet-cni-<arch> for another architecture: esbuild bundles, V8 compiles
// ahead of time, pkg appends both to Node's own executable. Usage: npm run build [-- --arch x64|arm64]
// [--force]
// docs/startup.md describes the layout of the executable and what each part gains.

import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { NODE_VERSION, baseExecutable, nativeExecutable, type Arch } from './base.ts'
import { bundle, type Bundles } from './bundle.ts'
import { BuildError } from './build-error.ts'
import { writeCodeCache } from './code-cache.ts'
import { isUpToDate, pack } from './pack.ts'

const ROOT = join(import.meta.dirname, '../..')

async function build(arch: Arch, force: boolean): Promise<void> {
  const isNative = arch === process.arch
  const output = join(ROOT, 'dist', isNative ? 'flatnet-cni' : `flatnet-cni-${arch}`)
  const stamp = join(ROOT, '.cache', `built-${arch}.json`)
  const work = workFolder()
  try {
    say(`bundling for linux-${arch}, Node ${NODE_VERSION}, commit ${commit()}`)
    const bundles = await bundle(ROOT, work, commit())
    if (!force && isUpToDate(output, stamp, bundles)) return say(`${output} is up to date`)
    const assets = isNative ? withCodeCache(bundles, work) : bundles.assets
    const base = await baseExecutable(ROOT, arch, say)

    say('packing')
    const bytes = await pack({ root: ROOT, work, stamp, output, arch, base, bundles, assets, isNative })
    const untried = isNative ? '' : `, not tried: this machine is ${process.arch}`
    say(`${output}: ${(bytes / 1e6).toFixed(1)} MB${untried}`)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

// One folder per build, since two may run at the same time. Folders of killed builds are removed now.
function workFolder(): string {
  const cache = join(ROOT, '.cache')
  mkdirSync(cache, { recursive: true })
  for (const name of readdirSync(cache)) {
    const [, pid] = /^build-(\d+)$/.exec(name) ?? []
    if (pid !== undefined && !existsSync(`/proc/${pid}`))
      rmSync(join(cache, name), { recursive: true, force: true })
  }
  const work = join(cache, `build-${process.pid}`)
  mkdirSync(work, { recursive: true })
  return work
}

// V8's code cache fits one version and one architecture, so it can be generated only for this machine's.
function withCodeCache({ assets }: Bundles, work: string): Record<string, string> {
  say('compiling ahead of time')
  return { ...assets, ...writeCodeCache(assets, work) }
}

function commit(): string {
  try {
    const args = ['describe', '--always', '--dirty', '--abbrev=12', '--exclude=*']
    return execFileSync('git', args, {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return 'unknown'
  }
}

// The blob inside the executable and the code cache fit only the exact Node version that reads them (pkg:
// lib-es5/sea.js, pickBlobGeneratorBinary), so the build runs under the version that it embeds.
function runUnderNative(): number {
  const native = nativeExecutable(ROOT)
  say(`Node ${process.version} started this; going on with ${native}`)
  const { status } = spawnSync(native, [import.meta.filename, ...process.argv.slice(2)], { stdio: 'inherit' })
  return status ?? 1
}

function parseOptions(): { arch: Arch; force: boolean } {
  const { values } = parseArgs({ options: { arch: { type: 'string' }, force: { type: 'boolean' } } })
  const arch = values.arch ?? process.arch
  if (arch !== 'x64' && arch !== 'arm64') throw new BuildError(`--arch ${arch}: only x64 and arm64 are built`)
  return { arch, force: values.force ?? false }
}

function say(line: string): void {
  process.stdout.write(`build: ${line}\n`)
}

try {
  const { arch, force } = parseOptions()
  if (process.version === `v${NODE_VERSION}`) await build(arch, force)
  else process.exitCode = runUnderNative()
} catch (error) {
  process.exitCode = 1
  const text = error instanceof BuildError || !(error instanceof Error) ? String(error) : (error.stack ?? '')
  process.stderr.write(`build: ${text}\n`)
}
