// Packages of a Debian suite with everything they need, unpacked into a folder: a root file system. apt
// resolves them against an empty machine, and dpkg-deb unpacks them. Nothing is installed, so no maintainer
// script runs, and it takes a tenth of the time of a debootstrap.

import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../run.ts'
import { threeTimes, writeAptConfiguration } from './configuration.ts'

const LEFT_OUT = ['doc', 'man', 'locale', 'info', 'bash-completion', 'zsh', 'fish'].map(
  (name) => `--exclude=./usr/share/${name}`,
)

/**
 * Unpacks packages into the folder `tree` of `work`.
 * @returns every unpacked package with its version
 */
export async function unpackPackages(
  work: string,
  suite: string,
  packages: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const nothingInstalled = join(work, 'status')
  await writeFile(nothingInstalled, '')
  const settings = [`Dir::State::status "${nothingInstalled}"`, 'APT::Install-Recommends "false"']
  const env = { APT_CONFIG: await writeAptConfiguration(work, [suite], settings) }
  const timeoutMs = 300_000
  await threeTimes(() => run(['apt-get', '-q', 'update'], { env, timeoutMs }))
  const download = ['apt-get', '-q', '-y', '--download-only', '-o', 'Debug::NoLocking=true', 'install']
  await threeTimes(() => run([...download, ...packages], { env, timeoutMs }))
  const folder = join(work, 'cache/archives')
  const archives = (await readdir(folder)).filter((name) => name.endsWith('.deb'))
  const tree = join(work, 'tree')
  await mkdir(tree)
  // The links from /bin, /lib and /sbin into /usr come first: other packages may put files there.
  const ordered = archives.toSorted(
    (a, b) => Number(b.startsWith('base-files_')) - Number(a.startsWith('base-files_')),
  )
  const script = 'dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2" "$3" "$4" "$5" "$6" "$7" "$8" "$9"'
  for (const archive of ordered)
    await run(['sh', '-c', script, 'sh', join(folder, archive), tree, ...LEFT_OUT])
  return Object.fromEntries(archives.map(versionOf))
}

// apt writes the colon of an epoch as %3a: podman_5.4.2+ds1-2+b2_amd64.deb
function versionOf(archive: string): readonly [name: string, version: string] {
  const [name = '', version = ''] = archive.split('_')
  return [name, decodeURIComponent(version)]
}
