// Finds Nebula's processes in /proc (proc(5)).

import { readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { executableOf, processIds } from '../processes.ts'
import { hasOwnMounts, isSameFile } from './process-root.ts'

/** A Nebula process whose executable has not been asked yet. */
interface FoundProcess {
  readonly pid: number
  readonly uid: number
  readonly executable: string
  readonly config: string | undefined
  readonly devices: readonly string[]
  readonly isHere: boolean
  readonly isContained: boolean
}

/**
 * Returns the processes whose executable is called nebula. If none of them holds the tun device `device`,
 * also returns the one that does, under any name.
 */
export function findNebula(device: string | undefined): readonly FoundProcess[] {
  const pids = processIds()
  const named = pids.filter((pid) => basename(executableOf(pid)).startsWith('nebula'))
  const found = named.flatMap(look)
  if (device === undefined || found.some(({ devices }) => devices.includes(device))) return found
  const holders = pids.filter((pid) => !named.includes(pid)).flatMap(look)
  return [...found, ...holders.filter(({ isHere, devices }) => isHere && devices.includes(device))]
}

/** Returns those of this network namespace that were started with this configuration. */
export function processesOf(config: string): readonly FoundProcess[] {
  const wanted = realPath(config)
  return findNebula(undefined).filter(
    (each) => each.isHere && each.config !== undefined && realPath(each.config) === wanted,
  )
}

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

function look(pid: string): FoundProcess[] {
  try {
    const [executable, devices] = [executableOf(pid), tunDevices(pid)]
    return [
      {
        pid: Number(pid),
        uid: statSync(`/proc/${pid}`).uid,
        executable,
        config: configOf(pid),
        devices,
        isHere: isSameFile(`/proc/${pid}/ns/net`, '/proc/self/ns/net'),
        // A service may have its own mounts around an executable of the host
        // (systemd.exec(5), ProtectSystem=).
        isContained: hasOwnMounts(Number(pid)) && !isSameFile(`/proc/${pid}/exe`, executable),
      },
    ]
  } catch {
    return [] // The process has exited.
  }
}

// tun.c, tun_chr_show_fdinfo(): "iff:\tnebula1".
function tunDevices(pid: string): readonly string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      if (!readlinkSync(`/proc/${pid}/fd/${fd}`).endsWith('/net/tun')) return []
      return /^iff:\s*(\S+)$/m.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8'))?.[1] ?? []
    } catch {
      return [] // Closed in the meantime.
    }
  })
}

// Go's flag package accepts one dash or two, and the value after "=" or as the next argument.
function configOf(pid: string): string | undefined {
  const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  const at = argv.findIndex((argument) => /^--?config(=|$)/.test(argument))
  const [, inline] = /^--?config=(.*)$/s.exec(argv[at] ?? '') ?? []
  const path = inline ?? (at === -1 ? undefined : argv[at + 1])
  return path === undefined || path === '' ? undefined : resolve(readlinkSync(`/proc/${pid}/cwd`), path)
}
