// Other firewalls' chains on the way of forwarded packets.

import { readFileSync } from 'node:fs'
import type { Facts } from '../../check/facts.ts'
import { nftAsk } from '../../exec/nft.ts'
import { acceptRules, droppingChains, listChain } from '../../net/ruleset.ts'
import type { GatherContext } from '../context.ts'

/** @throws CniError when `nft` is missing */
export async function gatherFirewall({ get }: GatherContext): Promise<Facts['firewall']> {
  const [{ bridge }, listing = ''] = await Promise.all([get('settings'), nftAsk('list chains\n')])
  const dropping = await Promise.all(
    droppingChains(listing).map(async (chain) => {
      const rules = (await nftAsk(listChain(chain))) ?? ''
      return { family: chain.family, chain: chain.chain, accepts: acceptRules(chain, rules, bridge) === '' }
    }),
  )
  return { dropping, foreign: foreignChains(listing), hasLegacy: hasLegacyFilter() }
}

// In `nft list chains`, a table holds chains, and a chain of a hook says so in one line.
function foreignChains(listing: string): readonly string[] {
  const found: string[] = []
  let [table, chain] = ['', '']
  for (const line of listing.split('\n')) {
    table = /^table (\S+ \S+) \{/.exec(line)?.[1] ?? table
    chain = /^\s+chain (\S+) \{/.exec(line)?.[1] ?? chain
    if (!/^\s+type filter hook forward .*policy drop;/.test(line)) continue
    // iptables' own is `dropping`; the bridge family sees frames, which flatnet never filters.
    const isKnown = /^ip6? filter$/.test(table) && chain === 'FORWARD'
    if (!isKnown && !table.startsWith('bridge ')) found.push(`${table} ${chain}`)
  }
  return found
}

// The file lists the tables of the old interface that were ever asked for in this namespace.
function hasLegacyFilter(): boolean {
  try {
    return readFileSync('/proc/self/net/ip_tables_names', 'utf8').split('\n').includes('filter')
  } catch {
    return false
  }
}
