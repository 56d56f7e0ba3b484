// Determines the kind of a namespace file: "net", "uts", …

import { closeSync, openSync, readFileSync, readlinkSync } from 'node:fs'

const KIND = /^([a-z_]+):\[\d+\]$/

/**
 * Reads the kind of the namespace behind a link in /proc ("/proc/7/ns/net"), whose target is
 * "net:[4026531840]" (namespaces(7)). Returns undefined for a bind mount, whose link gives only its own path.
 * @param path a file of nsfs; opening one never blocks, unlike a pipe
 */
export function kindOfNamespace(path: string): string | undefined {
  return withFile(path, (file) => KIND.exec(readlinkSync(`/proc/self/fd/${String(file)}`))?.[1])
}

/**
 * Reads the kind of a bind-mounted namespace from the mount table, which is long on a host with many
 * containers.
 */
export function kindOfMountedNamespace(path: string): string | undefined {
  return withFile(path, (file) => {
    const id = /^mnt_id:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${String(file)}`, 'utf8'))?.[1]
    // proc_pid_mountinfo(5): mount ID, parent ID, device, root of the mount ("net:[4026532281]").
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n')
    const root = mounts.map((line) => line.split(' ', 4)).find(([mount]) => mount === id)?.[3]
    return KIND.exec(root ?? '')?.[1]
  })
}

function withFile<Found>(path: string, look: (file: number) => Found): Found {
  const file = openSync(path, 'r')
  try {
    return look(file)
  } finally {
    closeSync(file)
  }
}
