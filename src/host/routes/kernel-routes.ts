// Reads from the kernel's tables where this host stands. Reads /proc, which costs no process. If a routing
// daemon has a hundred thousand routes there, `ip` lets the kernel pick the few that matter.

import type { Family } from '../../addr/ip.ts'
import type { Prefix } from '../../addr/prefix.ts'
import { ipShow } from '../../exec/network/ip.ts'
import { readProcLocal, readProcRoutes } from '../../kernel/proc.ts'
import { outermost, parseFibTrie, parseIfInet6 } from '../../ip/local-addresses.ts'
import { countNetworks, parseProcHeads, type ProcRoute } from '../../ip/proc-route.ts'
import { parseShownRoutes, type ShownRoute } from '../../ip/shown-route.ts'

/** Returns default and connected routes of both families. */
export async function kernelRoutes(): Promise<readonly ProcRoute[]> {
  const both = await Promise.all(([4, 6] as const).map(headsOf))
  return both.flat()
}

/** Returns the networks of this host's own addresses. No two of them overlap. */
export async function localAddresses(family: Family): Promise<readonly Prefix[]> {
  const text = readProcLocal(family)
  if (family === 6) return parseIfInet6(text ?? '')
  if (text !== undefined) return parseFibTrie(text)
  const shown = await show(4, ['table', 'local', 'type', 'local'])
  return outermost(shown.map(({ dst }) => dst))
}

/** Returns the number of networks that a link is connected to, without link-local and multicast ones. */
export async function networksOn(dev: string, family: Family): Promise<number> {
  const text = readProcRoutes(family)
  if (text !== undefined) return countNetworks(text, family, dev)
  const shown = await show(family, ['dev', dev, 'proto', 'kernel'])
  return shown.filter(({ via, dst }) => via === undefined && !(family === 6 && isOfLinkAlone(dst))).length
}

async function headsOf(family: Family): Promise<readonly ProcRoute[]> {
  const text = readProcRoutes(family)
  if (text !== undefined) return parseProcHeads(text, family)
  // Only IPv4 has scopes. Connected networks of IPv6 belong to the kernel.
  const connected = family === 4 ? ['scope', 'link'] : ['proto', 'kernel']
  const [defaults, networks] = await Promise.all([show(family, ['default']), show(family, connected)])
  // A default route without a next hop is in both lists.
  return [...defaults, ...networks.filter(({ dst }) => dst.length > 0)].map((route) =>
    asInProc(route, family),
  )
}

async function show(family: Family, filter: readonly string[]): Promise<readonly ShownRoute[]> {
  return parseShownRoutes(await ipShow([`-${String(family)}`, 'route', 'show', ...filter]), family)
}

function asInProc({ type, dst, via, dev, metric }: ShownRoute, family: Family): ProcRoute {
  return {
    dev: dev ?? (family === 4 ? '*' : 'lo'),
    dst,
    via: via?.family === family ? via : undefined,
    ...(via !== undefined && via.family !== family ? { viaInet6: true } : {}),
    metric,
    reject: type !== 'unicast',
  }
}

// Matches fe80::/10, ff00::/8, and single addresses.
function isOfLinkAlone({ value, length }: Prefix): boolean {
  return length === 128 || value >> 118n === 0x3fan || value >> 120n === 0xffn
}
