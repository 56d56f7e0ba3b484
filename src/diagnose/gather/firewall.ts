// Gathers other firewalls' chains that forwarded packets pass.

import { readFileSync } from 'node:fs'
import type { Family } from '../../addr/ip.ts'
import type { Facts } from '../../check/facts.ts'
import type { ForwardChain } from '../../check/facts/firewall.ts'
import {
  followBridge,
  type ForwardRules,
  readIptables,
  readNftTable,
} from '../../check/reading/forward-rules.ts'
import { isLate } from '../../cni/late.ts'
import { nftAsk, nftList } from '../../exec/network/nft.ts'
import { run } from '../../exec/run.ts'
import { TABLE } from '../../net/nft-table.ts'
import { type GatherContext, QUESTION_PART } from '../context.ts'
import { believed } from './identity.ts'

const LEGACY = { 4: 'iptables-legacy', 6: 'ip6tables-legacy' } as const

/** A base chain of the forward hook. */
interface BaseChain {
  /** "inet firewalld" */
  readonly table: string
  readonly chain: string
  readonly dropsByDefault: boolean
}

/**
 * Gathers the forward chains that drop packets.
 * @throws CniError when `nft` is missing
 */
export async function gatherFirewall({ get, limitMs }: GatherContext): Promise<Facts['firewall']> {
  const [{ bridge }, { subnets }, listing = ''] = await Promise.all([
    get('settings'),
    believed(get),
    nftAsk('list chains\n'),
  ])
  const own = new Set(subnets.map(({ family }) => family))
  const families = ([4, 6] as const).filter((family) => (own.size === 0 ? family === 4 : own.has(family)))
  const [shown, legacy] = await Promise.all([
    Promise.all(baseChains(listing).map((base) => lookAt(base, bridge))),
    Promise.all(families.map((family) => lookAtLegacy(family, bridge, limitMs * QUESTION_PART))),
  ])
  const chains = [...shown.flat(), ...legacy.flatMap((each) => (each === 'unseen' ? [] : each))]
  return {
    families,
    chains: chains.filter(({ family }) => family === undefined || families.includes(family)),
    unseen: families.filter((_, index) => legacy[index] === 'unseen'),
  }
}

// In the output of `nft list chains`, tables contain chains, and a base chain names its hook in one line.
// Chains of the bridge family see frames, which flatnet never filters.
function baseChains(listing: string): readonly BaseChain[] {
  const found: BaseChain[] = []
  let [table, chain] = ['', '']
  for (const line of listing.split('\n')) {
    table = /^table (\S+ \S+) \{/.exec(line)?.[1] ?? table
    chain = /^\s+chain (\S+) \{/.exec(line)?.[1] ?? chain
    if (!/^\s+type filter hook forward /.test(line) || !/^(ip|ip6|inet) /.test(table)) continue
    if (table.endsWith(` ${TABLE}`)) continue
    found.push({ table, chain, dropsByDefault: line.includes('policy drop;') })
  }
  return found
}

async function lookAt(base: BaseChain, bridge: string): Promise<readonly ForwardChain[]> {
  const { table, chain, dropsByDefault } = base
  const text = (await nftList(`list table ${table}\n`)) ?? ''
  const owner =
    /^ip6? filter$/.test(table) && chain === 'FORWARD'
      ? 'iptables'
      : table === 'inet firewalld'
        ? 'firewalld'
        : 'other'
  const family = table.startsWith('ip ') ? 4 : table.startsWith('ip6 ') ? 6 : undefined
  const blocking = blockingChain(readNftTable(text), base, bridge)
  // firewalld sends packets from a link to the chains of its zone, under conditions that
  // differ between versions.
  const isTrusted = owner === 'firewalld' && new RegExp(`"${bridge}"[^\\n]*trusted`).test(text)
  const found = blocking.map((each) => (isTrusted ? { ...each, accepts: true } : each))
  return found.map((each) => ({
    ...each,
    name: `${table} ${chain}`,
    owner,
    family,
    isPolicy: each.isPolicy && dropsByDefault,
  }))
}

async function lookAtLegacy(
  family: Family,
  bridge: string,
  timeoutMs: number,
): Promise<readonly ForwardChain[] | 'unseen'> {
  if (!hasLegacyFilter(family)) return []
  const shown = await run({ file: LEGACY[family], args: ['-S'], timeoutMs }).catch((error: unknown) => {
    if (isLate(error)) throw error
    return undefined
  })
  if (shown?.exitCode !== 0) return 'unseen'
  const { rules, policy } = readIptables(shown.stdout)
  const base = { chain: 'FORWARD', dropsByDefault: policy === 'DROP' }
  return blockingChain(rules, base, bridge).map((each) => ({
    ...each,
    name: `${LEGACY[family]} FORWARD`,
    owner: 'legacy',
    family,
  }))
}

// Returns nothing for a chain that lets all packets through in the end.
function blockingChain(
  rules: ForwardRules,
  { chain, dropsByDefault }: Pick<BaseChain, 'chain' | 'dropsByDefault'>,
  bridge: string,
): readonly Pick<ForwardChain, 'isPolicy' | 'place' | 'accepts' | 'isDoubtful'>[] {
  const { end, doubt } = followBridge(rules, chain, bridge)
  const others = followBridge(rules, chain, '')
  const drops = (passage: typeof others): boolean =>
    passage.end === 'dropped' || (passage.end === 'policy' && dropsByDefault)
  if (!drops(others) && end !== 'dropped') return []
  const calls = (rules.get(chain) ?? []).some(
    (rule) => rule.matches === 'all' && rule.chain === 'DOCKER-USER',
  )
  const place = calls ? 'DOCKER-USER' : chain
  return [{ isPolicy: others.end === 'policy', place, accepts: end === 'accepted', isDoubtful: doubt }]
}

// The file lists the tables of legacy iptables that were ever used in this namespace.
function hasLegacyFilter(family: Family): boolean {
  try {
    const name = family === 4 ? 'ip_tables_names' : 'ip6_tables_names'
    return readFileSync(`/proc/self/net/${name}`, 'utf8').split('\n').includes('filter')
  } catch {
    return false
  }
}
