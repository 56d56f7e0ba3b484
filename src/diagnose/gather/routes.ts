// The main routing table of both families, by one `ip` each.

import { bitsOf, type Family, parseIp } from '../../addr/ip.ts'
import { parsePrefix } from '../../addr/prefix.ts'
import type { Facts } from '../../check/facts.ts'
import type { RouteFacts } from '../../check/facts/routes.ts'
import { ipShow } from '../../exec/ip.ts'

interface Shown {
  readonly type?: string
  readonly dst?: string
  readonly gateway?: string
  readonly dev?: string
  readonly metric?: number
  readonly protocol?: string
}

/** @throws CniError when `ip` is missing */
export async function gatherRoutes(): Promise<Facts['routes']> {
  const [four, six] = await Promise.all(([4, 6] as const).map((family) => readRoutes(family, 'main')))
  return [...(four ?? []), ...(six ?? [])]
}

/** The routes of one table; none where there is no such table. */
export async function readRoutes(family: Family, table: string): Promise<readonly RouteFacts[]> {
  const text = await ipShow([`-${String(family)}`, 'route', 'show', 'table', table])
  if (text === undefined || text.trim() === '') return []
  return (JSON.parse(text) as readonly Shown[]).flatMap((shown) => {
    const dst = shown.dst === 'default' ? { family, value: 0n, length: 0 } : prefixOf(shown.dst ?? '')
    if (dst === undefined) return []
    return [
      {
        type: shown.type ?? 'unicast',
        dst,
        via: shown.gateway === undefined ? undefined : parseIp(shown.gateway),
        dev: shown.dev,
        metric: shown.metric ?? 0,
        protocol: shown.protocol ?? '',
      },
    ]
  })
}

function prefixOf(text: string): RouteFacts['dst'] | undefined {
  const ip = parseIp(text)
  return ip === undefined ? parsePrefix(text) : { ...ip, length: bitsOf(ip.family) }
}
