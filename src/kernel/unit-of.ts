// The unit of systemd that a process belongs to, by its control group (cgroups(7), systemd.slice(5)).

import { readFileSync } from 'node:fs'

/** Returns "nebula@config.service"; undefined for a process that ended, or is of no service of the system. */
export function unitOf(pid: number): string | undefined {
  try {
    return unitIn(readFileSync(`/proc/${String(pid)}/cgroup`, 'utf8'))
  } catch {
    return undefined
  }
}

/**
 * Returns the unit that a text of /proc/PID/cgroup names. Both versions of control groups have a line for
 * systemd: "0::PATH" and "1:name=systemd:PATH". The characters are those of systemd.unit(5).
 */
export function unitIn(text: string): string | undefined {
  const paths = [...text.matchAll(/^\d+:(?:name=systemd)?:(\/.*)$/gm)].map(([, path = '']) => path)
  const inSystem = paths.map((path) => /\/system\.slice\/(?:.*\/)?([A-Za-z0-9:_.\\@-]+\.service)$/.exec(path))
  return inSystem.find((found) => found !== null)?.[1]
}
