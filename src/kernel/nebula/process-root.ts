// Files as another process sees them: a process in a container has different files under the
// same paths (namespaces(7)).

import { lstatSync, readlinkSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

// The kernel's own limit (path_resolution(7)).
const MOST_LINKS = 40

/** Tells whether two paths lead to the same file; false when either cannot be resolved. */
export function isSameFile(a: string, b: string): boolean {
  const [one, other] = [a, b].map((path) => {
    try {
      return statSync(path)
    } catch {
      return undefined // Missing, or not accessible.
    }
  })
  return one !== undefined && one.dev === other?.dev && one.ino === other.ino
}

/** Tells whether a process has its own mount namespace. */
export function hasOwnMounts(pid: number): boolean {
  return !isSameFile(`/proc/${String(pid)}/ns/mnt`, '/proc/self/ns/mnt')
}

/**
 * Returns the path under which this process finds what process `pid` calls `path`: the same path, or one
 * below /proc/PID/root.
 * @throws Error for a symlink loop
 */
export function pathSeenBy(pid: number, path: string): string {
  if (!hasOwnMounts(pid)) return path
  const root = `/proc/${String(pid)}/root`
  const seen = join(root, resolveBelow(root, path))
  return isSameFile(seen, path) ? path : seen
}

// The kernel would resolve an absolute symlink against our root, and so might reach any file of this host.
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
