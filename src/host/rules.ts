// Applies our nft rules: one transaction each time, so that a flushed ruleset is whole again after the next ADD.

import { networkOf } from '../addr/prefix.ts'
import type { Settings } from '../config/settings.ts'
import { nftApply } from '../exec/nft.ts'
import { acceptRules, droppingChains, listChain, renderRuleset } from '../net/ruleset.ts'
import type { Identity } from './identity.ts'

/** Makes the rules of this bridge so, and lets our traffic through where another firewall drops by default. */
export async function syncRules(settings: Settings, identity: Identity): Promise<void> {
  const listing = await nftApply(
    renderRuleset({
      bridge: settings.bridge,
      subnets: identity.subnets,
      unmasked: [...settings.pools, ...identity.overlay.map(networkOf)],
      ipMasq: settings.ipMasq,
    }),
  )
  for (const chain of droppingChains(listing)) {
    const missing = acceptRules(chain, await nftApply(listChain(chain)), settings.bridge)
    if (missing !== '') await nftApply(missing)
  }
}
