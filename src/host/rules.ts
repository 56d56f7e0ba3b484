// Brings our nft rules to what they have to be. A transaction makes the kernel wait for all its processors, several
// times as long as a look takes, so each ADD looks first: a flushed ruleset is whole again after the next one.

import type { Family } from '../addr/ip.ts'
import { networkOf, type Prefix } from '../addr/prefix.ts'
import type { Settings } from '../config/settings.ts'
import { nftApply, nftList } from '../exec/nft.ts'
import {
  acceptRules,
  droppingChains,
  listChain,
  listChains,
  listTable,
  renderRuleset,
} from '../net/ruleset.ts'
import { readCache, writeCache } from '../state/cache.ts'
import type { Identity } from './identity.ts'

/** What was applied and how nft listed it afterwards, in <runDir>/rules-<bridge>.json. */
interface RulesCache {
  readonly ruleset: string
  readonly listing: string
}

/** Makes the rules of this bridge so, and lets our traffic through where another firewall drops by default. */
export async function syncRules(
  settings: Settings,
  identity: Identity,
  earlier: readonly Prefix[],
): Promise<void> {
  const ruleset = renderRuleset({
    bridge: settings.bridge,
    subnets: identity.subnets,
    earlier,
    unmasked: [...settings.pools, ...identity.overlay.map(networkOf)],
    ipMasq: settings.ipMasq,
  })
  const path = `${settings.runDir}/rules-${settings.bridge}.json`
  const families = identity.subnets.map(({ family }) => family)
  const cached = readCache(path) as RulesCache | undefined
  if (cached?.ruleset === ruleset && cached.listing === (await look(families))) return
  const dropping = droppingChains(await nftApply(ruleset + listChains(families)))
  for (const chain of dropping) {
    const missing = acceptRules(chain, await nftApply(listChain(chain)), settings.bridge)
    if (missing !== '') await nftApply(missing)
  }
  // What stands inside another firewall's chain is not in the listing, so there every ADD looks anew.
  if (dropping.length === 0) writeCache(path, { ruleset, listing: await look(families) } satisfies RulesCache)
}

async function look(families: readonly Family[]): Promise<string> {
  const listings: (string | undefined)[] = []
  for (const family of families) listings.push(await nftList(listTable(family)))
  listings.push(await nftList(listChains(families)))
  return listings.join('')
}
