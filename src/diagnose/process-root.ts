// Files as another process sees them: one in a container has other ones under the same paths (namespaces(7)).

import { lstatSync, readlinkSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

// As many as the kernel follows (path_resolution(7)).
const MOST_LINKS = 40

/** Whether two paths lead to one file; false where one of them leads nowhere. */
export function isSameFile(a: string, b: string): boolean {
  const [one, other] = [a, b].map((path) => {
    try {
      return statSync(path)
    } catch {
      return undefined // Not there, or not for us.
    }
  })
  return one !== undefined && one.dev === other?.dev && one.ino === other.ino
}

/** Whether a process has mounts of its own. */
export function hasOwnMounts(pid: number): boolean {
  return !isSameFile(`/proc/${String(pid)}/ns/mnt`, '/proc/self/ns/mnt')
}

/**
 * Where this process finds what process `pid` calls `path`: the same path, or one below /proc/PID/root.
 * @throws Error when its links go round in circles
 */
export function pathSeenBy(pid: number, path: string): string {
  if (!hasOwnMounts(pid)) return path
  const root = `/proc/${String(pid)}/root`
  const seen = join(root, resolveBelow(root, path))
  return isSameFile(seen, path) ? path : seen
}

// The kernel would take what an absolute link says for a path of ours, which may be any file of this host's.
function resolveBelow(root: string, path: string): string {
  let done = '/'
  let parts = path.split('/')
  for (let links = 0; parts.length > 0;) {
    const [part = '', ...rest] = parts
    const next = resolve(done, part)
    const target = linkTarget(join(root, next))
    if (target === undefined) [done, parts] = [next, rest]
    else {
      links += 1
      if (links > MOST_LINKS) throw new Error(`${path}: too many links`)
      ;[done, parts] = [target.startsWith('/') ? '/' : dirname(next), [...target.split('/'), ...rest]]
    }
  }
  return done
}

function linkTarget(path: string): string | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true
    ? readlinkSync(path)
    : undefined
}
