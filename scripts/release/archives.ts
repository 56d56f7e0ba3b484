// Packs folders: a tarball, and a Debian package. Both have the release's time in every entry, root as owner,
// and entries in the order of their names, so that two builds are equal to the byte.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Arch } from '../build/base.ts'
import type { Sources } from './sources.ts'

/** Packs `folder` as `archive` (.tar.gz). Its entries begin with `folder`'s own name. */
export function packTarball({ epoch }: Sources, parent: string, name: string, archive: string): void {
  const order = ['--sort=name', `--mtime=@${String(epoch)}`, '--owner=0', '--group=0', '--numeric-owner']
  const tar = ['--format=gnu', ...order, '--use-compress-program=gzip -n', '-C', parent, '-cf', archive, name]
  execFileSync('tar', tar)
}

/** Packs a package's tree with dpkg-deb. `tree` gets its DEBIAN folder here. */
export function packDebian(
  { root, version, epoch }: Sources,
  arch: Arch,
  tree: string,
  archive: string,
): void {
  const debian = join(tree, 'DEBIAN')
  const sums = checksums(tree)
  mkdirSync(debian)
  writeFileSync(join(debian, 'control'), control(version, arch, installedSize(tree)))
  writeFileSync(join(debian, 'md5sums'), sums)
  const conflist = readFileSync(join(root, 'conflist/10-flatnet.conflist'))
  const sha256 = createHash('sha256').update(conflist).digest('hex')
  for (const name of ['postinst', 'prerm', 'postrm']) {
    const script = readFileSync(join(root, 'scripts/release/debian', name), 'utf8')
    writeFileSync(join(debian, name), script.replaceAll('@CONFLIST_SHA256@', sha256), { mode: 0o755 })
  }
  // gzip, because xz takes minutes for Node's executable and zstd is unknown to older dpkg.
  const args = ['--root-owner-group', '-Zgzip', '-z9', '--build', tree, archive]
  execFileSync('dpkg-deb', args, {
    env: { ...process.env, SOURCE_DATE_EPOCH: String(epoch) },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

// Node's executable needs glibc 2.28 and links these dynamically.
function control(version: string, arch: Arch, kilobytes: number): string {
  return [
    'Package: flatnet-cni',
    `Version: ${version.replace('-', '~')}`,
    `Architecture: ${arch === 'x64' ? 'amd64' : arch}`,
    'Maintainer: flatnet-cni maintainers <maintainers@flatnet.invalid>',
    `Installed-Size: ${String(kilobytes)}`,
    'Depends: iproute2, nftables, libc6 (>= 2.28), libstdc++6 (>= 9), libgcc-s1',
    'Suggests: nebula, podman, containerd',
    'Section: net',
    'Priority: optional',
    'Description: containers of several hosts connected over Nebula, without NAT',
    ' CNI plugin, network driver for podman 5 and agent in one executable. Every',
    ' container has an address that containers on all other hosts reach, encrypted',
    ' by Nebula where that path works and over the LAN where it does not.',
    '',
  ].join('\n')
}

function checksums(tree: string): string {
  return files(tree)
    .map(
      (path) =>
        `${createHash('md5')
          .update(readFileSync(join(tree, path)))
          .digest('hex')}  ${path}\n`,
    )
    .join('')
}

// Debian policy 5.6.20: in KiB, every file rounded up.
function installedSize(tree: string): number {
  return files(tree).reduce((sum, path) => sum + Math.ceil(statSync(join(tree, path)).size / 1024), 0)
}

function files(tree: string): readonly string[] {
  return readdirSync(tree, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(tree.length + 1))
    .toSorted()
}

/** Writes SHA256SUMS for every file in `folder`, in the form that `sha256sum --check` reads. */
export function writeSums(folder: string): void {
  const names = readdirSync(folder)
    .filter((name) => name !== 'SHA256SUMS')
    .toSorted()
  const lines = names.map((name) => {
    return `${createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex')}  ${name}\n`
  })
  writeFileSync(join(folder, 'SHA256SUMS'), lines.join(''))
}

/** Copies a file into the release. */
export function place(from: string, folder: string, name: string): void {
  cpSync(from, join(folder, name))
}
