// Gathers the routing tables that `ip rule` puts before the main one (ip-rule(8)).

import { parseShown } from '../../ip/show.ts'
import type { Family } from '../../addr/ip.ts'
import { parsePrefix, type Prefix } from '../../addr/prefix.ts'
import type { Facts } from '../../check/facts.ts'
import type { PolicyTable } from '../../check/facts/policy-tables.ts'
import { ipShow } from '../../exec/network/ip.ts'
import type { GatherContext } from '../context.ts'
import { readRoutes } from './routes.ts'

interface Rule {
  readonly priority: number
  readonly src?: string
  readonly srclen?: number
  readonly dst?: string
  readonly dstlen?: number
  readonly table?: string
  readonly not?: unknown
  readonly fwmark?: string
  readonly iif?: string
}

// The keys that a rule may have, besides its address conditions, and still match container packets.
const PLAIN = new Set([
  'priority',
  'src',
  'srclen',
  'dst',
  'dstlen',
  'table',
  'protocol',
  'suppress_prefixlen',
])
const MOST_TABLES = 16

/**
 * Gathers the tables.
 * @throws CniError when `ip` is missing
 */
export async function gatherPolicyTables({ get }: GatherContext): Promise<Facts['policyTables']> {
  const { bridge } = await get('settings')
  const both = await Promise.all(([4, 6] as const).map((family) => tablesOf(family, bridge)))
  return both.flat()
}

async function tablesOf(family: Family, bridge: string): Promise<readonly PolicyTable[]> {
  const text = await ipShow([`-${String(family)}`, 'rule', 'show'])
  const rules = parseShown<Rule>(text).filter((rule) => concernsContainers(rule, bridge))
  // The main table has our routes, so later rules no longer matter.
  const end = rules.findIndex((rule) => rule.table === 'main' && rule.src === 'all' && rule.dst === undefined)
  const before = rules.slice(0, end === -1 ? rules.length : end)
  const exempt = before.filter(({ table, src }) => table === 'main' && src === 'all')
  const others = before.filter(
    ({ table }) => table !== undefined && !['main', 'local', 'default'].includes(table),
  )
  return Promise.all(
    others.slice(0, MOST_TABLES).map(async ({ table = '', priority, src, srclen }) => ({
      table,
      priority,
      source: prefixOf(src, srclen),
      exempt: exempt
        .filter((rule) => rule.priority < priority)
        .flatMap(({ dst, dstlen }) => prefixOf(dst, dstlen) ?? []),
      routes: await readRoutes(family, table),
    })),
  )
}

// Container packets carry no mark and arrive on the bridge. wg-quick's rule matches all
// packets without its own mark.
function concernsContainers(rule: Rule, bridge: string): boolean {
  const isUnmarked = rule.fwmark === undefined || rule.not !== undefined
  const isFromBridge = rule.iif === undefined || rule.iif === bridge
  const rest = Object.keys(rule).filter((key) => !PLAIN.has(key) && !/^(not|fwmark|fwmask|iif)$/.test(key))
  return (
    isUnmarked && isFromBridge && rest.length === 0 && (rule.not === undefined || rule.fwmark !== undefined)
  )
}

function prefixOf(address: string | undefined, length: number | undefined): Prefix | undefined {
  if (address === undefined || address === 'all') return undefined
  return parsePrefix(`${address}/${String(length ?? (address.includes(':') ? 128 : 32))}`)
}
