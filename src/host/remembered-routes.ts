// Whether the kernel still has the routes it was given, found out without a process.
//
//   <runDir>/routes-4.json, routes-6.json   what /proc/net/route and /proc/net/ipv6_route have to hold
//   <runDir>/routes-seen.txt                /proc/net/route as it was when it was last found complete

import { readProcRoutes } from '../exec/proc.ts'
import type { Family } from '../addr/ip.ts'
import { procKey, procKeys } from '../ip/proc-route.ts'
import type { Route } from '../ip/route.ts'
import { readCache, readCachedText, writeCache, writeCachedText } from '../state/cache.ts'

/** Keeps what was installed. */
export function rememberRoutes(runDir: string, routes: readonly Route[]): void {
  // First what would vouch for the old ones: a process killed here leaves nothing that is wrong.
  writeCachedText(seenPath(runDir), '')
  for (const family of [4, 6] as const) {
    const keys = routes.filter(({ dst }) => dst.family === family).map(procKey)
    writeCache(keysPath(runDir, family), keys)
  }
}

/** Whether the kernel has all of them. False when nothing is remembered. */
export function hasRemembered(runDir: string): boolean {
  return hasRemembered4(runDir) && hasRemembered6(runDir)
}

// The whole file is compared first: it changes only with the routes, and taking thousands of lines apart costs more.
function hasRemembered4(runDir: string): boolean {
  const text = readProcRoutes(4)
  if (readCachedText(seenPath(runDir)) === text) return true
  const keys = rememberedKeys(runDir, 4)
  const present = procKeys(text, 4)
  if (keys === undefined || !keys.every((key) => present.has(String(key)))) return false
  writeCachedText(seenPath(runDir), text)
  return true
}

// IPv6 lines hold counters that change with every packet.
function hasRemembered6(runDir: string): boolean {
  const keys = rememberedKeys(runDir, 6)
  if (keys === undefined) return false
  if (keys.length === 0) return true
  const present = procKeys(readProcRoutes(6), 6)
  return keys.every((key) => present.has(String(key)))
}

// Any JSON can stand in a damaged file; the routes are then looked for by `ip` and written anew.
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
