// Builds one small image for podman in the lab's hosts, from Debian's static busybox and without any
// registry.
import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, rmdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Place } from './place.ts'
import { run } from '../run.ts'

export const IMAGE = 'localhost/bb'

const CACHE = join(import.meta.dirname, '../../../.cache/lab')
const ARCHIVE = join(CACHE, 'bb.tar')
const APPLETS =
  'sh sleep cat echo ls ps ip ping ping6 wget httpd nc nslookup hostname id kill mkdir printf ' +
  'tail tee timeout touch wc'

/** Returns the image as a tar file, which is built once per checkout. */
export async function buildImage(): Promise<string> {
  if (existsSync(ARCHIVE)) return ARCHIVE
  await mkdir(CACHE, { recursive: true })
  const work = await mkdtemp(join(CACHE, 'bb-'))
  const tree = join(work, 'tree')
  for (const folder of ['bin', 'tmp', 'etc', 'proc', 'sys', 'dev', 'www'])
    await mkdir(join(tree, folder), { recursive: true })
  const { stdout } = await run(['sh', '-c', 'command -v busybox'])
  await copyFile(stdout, join(tree, 'bin/busybox'))
  for (const applet of APPLETS.split(' ')) await symlink('busybox', join(tree, 'bin', applet))
  await run(['tar', '-C', tree, '-cf', join(work, 'bb.tar'), '.'])
  // Renamed into place, so that a lab that starts meanwhile never reads half an archive.
  await rename(join(work, 'bb.tar'), ARCHIVE)
  await rm(work, { recursive: true })
  return ARCHIVE
}

export async function importImage(place: Place): Promise<void> {
  await place.exec(['podman', 'import', '--quiet', ARCHIVE, IMAGE])
}

/**
 * Removes the cgroups of containers that ended with their host: no process was left in there to do it.
 * @param disk the host's disk, which has the IDs of its containers
 * @param isLast no other lab is up, so the folders that podman keeps for all containers are removed too
 */
export async function removeCgroups(disk: string, isLast: boolean): Promise<void> {
  const list = join(disk, 'own/var/lib/containers/storage/overlay-containers/containers.json')
  const text = await readFile(list, 'utf8').catch(() => '[]')
  const containers = JSON.parse(text) as { id: string }[]
  const folders = containers.map(({ id }) => `libpod_parent/libpod-${id}`)
  if (isLast) folders.push('libpod_parent/conmon', 'libpod_parent')
  const roots = ['', ...(await readdir('/sys/fs/cgroup').catch(() => []))]
  for (const folder of folders) {
    // rmdir refuses a cgroup that is in use, so containers of the machine's podman are safe.
    for (const root of roots) await rmdir(join('/sys/fs/cgroup', root, folder)).catch(() => undefined)
  }
}
