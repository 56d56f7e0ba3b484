// Brings our nft rules up to date. A transaction makes the kernel wait for all its processors, which takes
// several times as long as a look. So each ADD looks first, and restores a flushed ruleset.

import type { Family } from '../addr/ip.ts'
import { networkOf, type Prefix } from '../addr/prefix.ts'
import { isProbeAddress } from '../addr/range.ts'
import type { Settings } from '../config/settings.ts'
import type { AttachmentRecord } from '../net/attachment.ts'
import { nftApply, nftList } from '../exec/network/nft.ts'
import {
  acceptRules,
  droppingChains,
  listChains,
  listForward,
  listTable,
  listTables,
  ownTable,
  renderRuleset,
} from '../net/ruleset.ts'
import { renderPublish } from '../net/ports/elements.ts'
import { openStore } from '../state/addresses/store.ts'
import { readCache, writeCache } from '../state/files/cache.ts'
import type { Identity } from './identity/identity.ts'
import { localAddresses } from './routes/kernel-routes.ts'
import { publish, publishAll } from './ports/publish.ts'

/** What was applied and how nft listed it afterwards, in <runDir>/rules-<bridge>.json. */
interface RulesCache {
  readonly ruleset: string
  readonly listing: string
}

/** What the rules follow from, beside the settings. */
interface RulesContext {
  readonly settings: Settings
  readonly identity: Identity
  /** Subnets of an earlier certificate in which containers still have addresses. */
  readonly earlier: readonly Prefix[]
  /** The attachment just made, whose ports are to be published. */
  readonly added: AttachmentRecord | undefined
  /** Write everything again, even what the kernel has already. */
  readonly rewrite: boolean
  /** What nft answered to {@link earlyQuestions}. */
  readonly answers?: readonly (string | undefined)[] | undefined
}

/**
 * Returns the texts by which nft publishes the ports of an attachment and shows the rules, one for each
 * process, to run before {@link syncRules}. Empty if that would not be enough, as on a host's first ADD.
 */
export function earlyQuestions(
  { stateDir, runDir, bridge }: Pick<Settings, 'stateDir' | 'runDir' | 'bridge'>,
  families: readonly Family[],
  added: AttachmentRecord,
): readonly string[] {
  if (readCache(cachePath(runDir, bridge)) === undefined || openStore(stateDir).hasManyPorts()) return []
  return [...families.map((family) => renderPublish(added, family) + listTable(family)), listChains(families)]
}

/**
 * Brings the rules of this bridge up to date, publishes the ports of an attachment, and lets our traffic
 * through chains of other firewalls that drop by default. If anything was missing, publishes the ports
 * of all living attachments again.
 */
export async function syncRules(context: RulesContext): Promise<void> {
  const { settings, identity, earlier, added } = context
  const families = identity.subnets.map(({ family }) => family)
  // The agent's probe addresses publish no port.
  const local = (await Promise.all(families.map(localAddresses)))
    .flat()
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
  const path = cachePath(settings.runDir, settings.bridge)
  const cached = readCache(path) as RulesCache | undefined
  // A missing answer leaves a gap, so the text differs from the one that is cached.
  const listing = context.answers?.join('') ?? (await look(families, settings.stateDir))
  const whole = !context.rewrite && cached?.ruleset === ruleset && cached.listing === listing
  const isPublished = context.answers?.every((answer) => answer !== undefined) ?? false
  if (!whole) await writeAll(path, ruleset, families, context)
  else if (!isPublished && added?.ports !== undefined && !(await publish(added)))
    await writeAll(path, ruleset, families, context)
}

function cachePath(runDir: string, bridge: string): string {
  return `${runDir}/rules-${bridge}.json`
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
  // The listing does not include other firewalls' chains. If one drops by default, every ADD looks again.
  if (dropping.length === 0)
    writeCache(path, {
      ruleset,
      listing: await look(families, settings.stateDir),
    } satisfies RulesCache)
}

async function look(families: readonly Family[], stateDir: string): Promise<string> {
  const list = openStore(stateDir).hasManyPorts() ? listAmongOthers : listAlone
  const listings: (string | undefined)[] = []
  for (const family of families) listings.push(await list(family))
  listings.push(await nftList(listChains(families)))
  return listings.join('')
}

function listAlone(family: Family): Promise<string | undefined> {
  return nftList(listTable(family))
}

// Also lists tables of other programs, so it costs more if few ports are published.
async function listAmongOthers(family: Family): Promise<string | undefined> {
  return ownTable((await nftList(listTables(family))) ?? '', family)
}
