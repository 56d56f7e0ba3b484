// Makes a release in dist/release: per architecture the executable, a tarball, a Debian package and the bill
// of materials, with the licences and SHA256SUMS. Two runs on one commit give equal files.
// Usage: npm run release [-- --arch x64|arm64] [--out FOLDER]
// docs/release.md describes what is in it and how to check it.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Arch } from '../build/base.ts'
import { packDebian, packTarball, place, writeSums } from './archives.ts'
import { ReleaseError } from './release-error.ts'
import { renderSbom } from './sbom.ts'
import { licenceTexts, readSources, type Sources } from './sources.ts'
import { packageEntries, type Parts, tarballEntries, writeTree } from './tree.ts'

const ROOT = join(import.meta.dirname, '../..')

function release(archs: readonly Arch[], out: string): void {
  const sources = readSources(ROOT)
  const native = executableOf(process.arch === 'arm64' ? 'arm64' : 'x64')
  for (const arch of new Set<Arch>([...archs, process.arch === 'arm64' ? 'arm64' : 'x64'])) build(arch)
  mkdirSync(dirname(out), { recursive: true })
  const work = mkdtempSync(`${out}.`)
  try {
    const made = join(work, 'release')
    mkdirSync(made)
    for (const arch of archs) packOne(sources, arch, { work, made, native })
    writeSums(made)
    rmSync(out, { recursive: true, force: true })
    renameSync(made, out)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  for (const name of readdirSync(out).toSorted()) say(join(out, name))
}

function build(arch: Arch): void {
  say(`executable for ${arch}`)
  const script = join(ROOT, 'scripts/build/main.ts')
  const { status } = spawnSync(process.execPath, [script, '--arch', arch], { stdio: 'inherit' })
  if (status !== 0) throw new ReleaseError(`the build for ${arch} failed`)
}

function executableOf(arch: Arch): string {
  return join(ROOT, 'dist', arch === process.arch ? 'flatnet-cni' : `flatnet-cni-${arch}`)
}

interface Places {
  readonly work: string
  readonly made: string
  readonly native: string
}

function packOne(sources: Sources, arch: Arch, { work, made, native }: Places): void {
  say(`archives for ${arch}`)
  const executable = executableOf(arch)
  if (!existsSync(executable)) throw new ReleaseError(`${executable} is missing`)
  const sbom = renderSbom(sources, arch)
  const parts: Parts = { root: ROOT, executable, native, sbom, licences: licenceTexts(ROOT, arch) }
  const name = `flatnet-cni-${sources.version}-linux-${arch}`
  place(executable, made, name)
  writeFileSync(join(made, `${name}.cdx.json`), sbom)
  writeFileSync(join(made, `${name}.licences.txt`), parts.licences)

  writeTree(join(work, name), tarballEntries(parts))
  packTarball(sources, work, name, join(made, `${name}.tar.gz`))

  const tree = join(work, `deb-${arch}`)
  writeTree(tree, packageEntries(parts))
  const debian = `flatnet-cni_${sources.version.replace('-', '~')}_${arch === 'x64' ? 'amd64' : arch}.deb`
  packDebian(sources, arch, tree, join(made, debian))
}

function parseOptions(): { archs: readonly Arch[]; out: string } {
  const { values } = parseArgs({ options: { arch: { type: 'string' }, out: { type: 'string' } } })
  const { arch, out = join(ROOT, 'dist/release') } = values
  if (arch !== undefined && arch !== 'x64' && arch !== 'arm64')
    throw new ReleaseError(`--arch ${arch}: only x64 and arm64 are released`)
  return { archs: arch === undefined ? ['x64', 'arm64'] : [arch], out: resolve(out) }
}

function say(line: string): void {
  process.stdout.write(`release: ${line}\n`)
}

try {
  process.umask(0o022)
  const { archs, out } = parseOptions()
  release(archs, out)
} catch (error) {
  process.exitCode = 1
  const text =
    error instanceof ReleaseError ? error.message : error instanceof Error ? error.stack : String(error)
  process.stderr.write(`release: ${text ?? ''}\n`)
}
