// Brings our nft rules to what they have to be. A transaction makes the kernel wait for all its processors, several
// times as long as a look takes, so each ADD looks first: a flushed ruleset is whole again after the next one.

import type { Family } from '../addr/ip.ts'
import { networkOf, type Prefix } from '../addr/prefix.ts'
import { isProbeAddress } from '../addr/range.ts'
import type { Settings } from '../config/settings.ts'
import type { AttachmentRecord } from '../net/attachment.ts'
import { nftApply, nftList } from '../exec/nft.ts'
import {
  acceptRules,
  droppingChains,
  listChains,
  listForward,
  listTable,
  renderRuleset,
} from '../net/ruleset.ts'
import { readCache, writeCache } from '../state/cache.ts'
import type { Identity } from './identity.ts'
import { localAddresses } from './network.ts'
import { publish, publishAll, redirectStale } from './ports.ts'

/** What was applied and how nft listed it afterwards, in <runDir>/rules-<bridge>.json. */
interface RulesCache {
  readonly ruleset: string
  readonly listing: string
}

/** What the rules follow from beside the settings. */
export interface RulesContext {
  readonly settings: Settings
  readonly identity: Identity
  /** Subnets of an earlier certificate that containers still have addresses of. */
  readonly earlier: readonly Prefix[]
  /** The attachment just made, whose ports are to be published. */
  readonly added: AttachmentRecord | undefined
  /** Write everything anew, whatever it looks like. */
  readonly anew: boolean
}

/**
 * Makes the rules of this bridge so, publishes the ports of an attachment, and lets our traffic through where another
 * firewall drops by default. Where anything was missing, the ports of all living attachments are published anew.
 */
export async function syncRules(context: RulesContext): Promise<void> {
  const { settings, identity, earlier, added } = context
  const families = identity.subnets.map(({ family }) => family)
  // No port is published where the agent's probes arrive.
  const local = families
    .flatMap(localAddresses)
    .filter((address) => ![...identity.subnets, ...earlier].some((subnet) => isProbeAddress(subnet, address)))
  const ruleset = renderRuleset({
    bridge: settings.bridge,
    subnets: identity.subnets,
    earlier,
    unmasked: [...settings.pools, ...identity.overlay.map(networkOf)],
    ipMasq: settings.ipMasq,
    isolation: settings.isolation,
    local,
  })
  const path = `${settings.runDir}/rules-${settings.bridge}.json`
  const cached = readCache(path) as RulesCache | undefined
  const whole = !context.anew && cached?.ruleset === ruleset && cached.listing === (await look(families))
  if (!whole) await writeAll(path, ruleset, families, context)
  else if (added?.ports !== undefined && !(await publish(added)))
    await writeAll(path, ruleset, families, context)
  if (added !== undefined) await redirectStale(added)
}

async function writeAll(
  path: string,
  ruleset: string,
  families: readonly Family[],
  { settings, added }: RulesContext,
): Promise<void> {
  const text = ruleset + listChains(families)
  const dropping = droppingChains(await publishAll(settings.stateDir, families, text, added))
  for (const chain of dropping) {
    let listing = ''
    for (const question of listForward(chain)) listing += await nftApply(question)
    const missing = acceptRules(chain, listing, settings.bridge)
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
