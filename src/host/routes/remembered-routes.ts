// Determines without a process whether the kernel still has the routes it was given.
//
//   <runDir>/routes-4.json, routes-6.json   what /proc/net/route and /proc/net/ipv6_route must contain
//   <runDir>/routes-seen.txt                /proc/net/route when it was last found complete

import { readProcRoutes } from '../../kernel/proc.ts'
import type { Family } from '../../addr/ip.ts'
import { procKey, procKeys } from '../../ip/proc-route.ts'
import type { Route } from '../../ip/route.ts'
import { readCache, readCachedText, writeCache, writeCachedText } from '../../state/files/cache.ts'

/** Stores the installed routes. */
export function rememberRoutes(runDir: string, routes: readonly Route[]): void {
  // Drop what confirms the old routes first, so that a process killed here leaves nothing wrong.
  writeCachedText(seenPath(runDir), '')
  for (const family of [4, 6] as const) {
    const keys = routes.filter(({ dst }) => dst.family === family).map(procKey)
    writeCache(keysPath(runDir, family), keys)
  }
}

/**
 * Returns whether the kernel has all of them. False if nothing is stored.
 * @param installed asks the kernel for our routes if /proc has far too many others
 */
export async function hasRemembered(runDir: string, installed: Installed): Promise<boolean> {
  return (await hasRemembered4(runDir, installed)) && (await hasRemembered6(runDir, installed))
}

type Installed = () => Promise<readonly Route[]>

// Compares the whole file first. It changes only with the routes, and parsing thousands of lines costs more.
async function hasRemembered4(runDir: string, installed: Installed): Promise<boolean> {
  const text = readProcRoutes(4)
  if (text === undefined) return hasAll(rememberedKeys(runDir, 4), installed)
  if (readCachedText(seenPath(runDir)) === text) return true
  const keys = rememberedKeys(runDir, 4)
  const present = procKeys(text, 4)
  if (keys === undefined || !keys.every((key) => present.has(String(key)))) return false
  writeCachedText(seenPath(runDir), text)
  return true
}

// IPv6 lines contain counters that change with every packet.
async function hasRemembered6(runDir: string, installed: Installed): Promise<boolean> {
  const keys = rememberedKeys(runDir, 6)
  if (keys === undefined) return false
  if (keys.length === 0) return true
  const text = readProcRoutes(6)
  if (text === undefined) return hasAll(keys, installed)
  const present = procKeys(text, 6)
  return keys.every((key) => present.has(String(key)))
}

async function hasAll(keys: readonly unknown[] | undefined, installed: Installed): Promise<boolean> {
  if (keys === undefined) return false
  const routes = await installed()
  const present = new Set(routes.filter(({ table }) => table === undefined).map(procKey))
  return keys.every((key) => present.has(String(key)))
}

// A damaged file may contain any JSON. Then `ip` looks for the routes, and the file is rewritten.
function rememberedKeys(runDir: string, family: Family): readonly unknown[] | undefined {
  const keys = readCache(keysPath(runDir, family))
  return Array.isArray(keys) ? keys : undefined
}

function keysPath(runDir: string, family: Family): string {
  return `${runDir}/routes-${String(family)}.json`
}

function seenPath(runDir: string): string {
  return `${runDir}/routes-seen.txt`
}
