// Leads containers' questions to the host's resolver while no agent answers them.

import { formatIp } from '../../addr/ip.ts'
import type { Prefix } from '../../addr/prefix.ts'
import { bridgeAddress } from '../../addr/range.ts'
import type { Settings } from '../../config/settings.ts'
import { nftAsk, nftTry } from '../../exec/network/nft.ts'
import { reachableServer } from '../../names/resolv-conf.ts'
import { NAMES_TABLE, renderServing, renderStandIn, SHOW_STAND_IN } from '../../net/names-rules.ts'
import { sinceHeartbeat } from '../../state/agent/heartbeat.ts'
import { standInPath, standInRules } from '../../state/agent/names-stand-in.ts'
import { dropCache, writeCachedText } from '../../state/files/cache.ts'
import { resolverTexts } from './resolver-files.ts'

/** What the agent does to the rules. None of it throws: names are served without rules, too. */
export interface StandIn {
  /** The agent answers now. Changes the kernel only if it is not prepared for that. */
  readonly serve: () => Promise<void>
  /** The agent does not answer any more, or not yet. Likewise. */
  readonly step: () => Promise<void>
}

/** @param place the settings and the host subnets of this moment */
export function makeStandIn(
  place: () => { readonly settings: Settings; readonly subnets: readonly Prefix[] },
): StandIn {
  let served: string | undefined
  const isStandingIn = async (): Promise<boolean> => (await nftAsk(SHOW_STAND_IN)) !== undefined
  // Returns undefined, with the rules removed, if nothing can stand in.
  const prepare = async (): Promise<{ stateDir: string; subnet: Prefix } | undefined> => {
    const { settings, subnets } = place()
    const subnet = subnets.find(({ family }) => family === 4)
    if (subnet !== undefined && writeStandIn(settings, subnet)) return { stateDir: settings.stateDir, subnet }
    served = undefined
    if ((await nftAsk(`list table ip ${NAMES_TABLE}\n`)) !== undefined)
      await nftTry(`delete table ip ${NAMES_TABLE}\n`)
    return undefined
  }
  return {
    serve: async () => {
      const prepared = await prepare()
      if (prepared === undefined) return
      const rules = renderServing(prepared.subnet)
      if (served === rules && !(await isStandingIn())) return
      served = (await nftTry(rules)) ? rules : undefined
      // A kernel that refuses these rules would refuse the others, too.
      if (served === undefined) dropCache(standInPath(prepared.stateDir))
    },
    step: async () => {
      const prepared = await prepare()
      served = undefined
      if (prepared !== undefined && !(await isStandingIn())) await loadStandIn(prepared.stateDir)
    },
  }
}

/**
 * Loads the rules if there are any, no agent runs, and nothing has loaded them yet. Returns false if that
 * failed, or there are none.
 */
export async function standInIfDead({
  stateDir,
  runDir,
}: Pick<Settings, 'stateDir' | 'runDir'>): Promise<boolean> {
  if (standInRules(stateDir) === undefined) return false
  // An agent that hangs is the guard's concern.
  if (sinceHeartbeat(runDir) === undefined && (await nftAsk(SHOW_STAND_IN)) === undefined)
    return loadStandIn(stateDir)
  return true
}

// The guard loads it by itself, so the text is complete.
async function loadStandIn(stateDir: string): Promise<boolean> {
  const rules = standInRules(stateDir)
  return rules !== undefined && (await nftTry(rules))
}

// Returns whether there is a resolver that can stand in.
function writeStandIn({ stateDir, names }: Settings, subnet: Prefix): boolean {
  const resolver = reachableServer(resolverTexts(), formatIp(bridgeAddress(subnet)))
  if (resolver === undefined || names.give === false) {
    dropCache(standInPath(stateDir))
    return false
  }
  const text = renderStandIn(subnet, resolver)
  if (standInRules(stateDir) !== text) writeCachedText(standInPath(stateDir), text)
  return true
}
