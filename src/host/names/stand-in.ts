// Leads containers' questions to the host's resolver while no agent answers them.
//
//   <stateDir>/names-stand-in.nft   the rules for that time. The agent writes it. Its guard, systemd's
//                                   ExecStopPost or the next ADD loads it when the agent is dead. While it
//                                   exists, new containers are told to ask the agent.

import { formatIp } from '../../addr/ip.ts'
import type { Prefix } from '../../addr/prefix.ts'
import { bridgeAddress } from '../../addr/range.ts'
import type { Settings } from '../../config/settings.ts'
import { nftAsk, nftTry } from '../../exec/network/nft.ts'
import { reachableServer } from '../../names/resolv-conf.ts'
import { NAMES_TABLE, renderServing, renderStandIn, SHOW_STAND_IN } from '../../net/names-rules.ts'
import { sinceHeartbeat } from '../../state/agent/heartbeat.ts'
import { dropCache, readCachedText, writeCachedText } from '../../state/files/cache.ts'
import { resolverTexts } from './resolver-files.ts'

export function standInPath(stateDir: string): string {
  return `${stateDir}/names-stand-in.nft`
}

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
  const removeRules = async (): Promise<void> => {
    if ((await nftAsk(`list table ip ${NAMES_TABLE}\n`)) !== undefined)
      await nftTry(`delete table ip ${NAMES_TABLE}\n`)
  }
  const isStandingIn = async (): Promise<boolean> => (await nftAsk(SHOW_STAND_IN)) !== undefined
  return {
    serve: async () => {
      const { settings, subnets } = place()
      const subnet = subnets.find(({ family }) => family === 4)
      if (subnet === undefined || !writeStandIn(settings, subnet)) {
        served = undefined
        await removeRules()
        return
      }
      const rules = renderServing(subnet)
      if (served === rules && !(await isStandingIn())) return
      served = (await nftTry(rules)) ? rules : undefined
      // A kernel that refuses these rules would refuse the others, too.
      if (served === undefined) dropCache(standInPath(settings.stateDir))
    },
    step: async () => {
      const { settings, subnets } = place()
      const subnet = subnets.find(({ family }) => family === 4)
      served = undefined
      if (subnet === undefined || !writeStandIn(settings, subnet)) return removeRules()
      if (!(await isStandingIn())) await loadStandIn(settings.stateDir)
    },
  }
}

/**
 * Loads the rules if there are any, no agent runs, and nothing has loaded them yet. Returns whether
 * containers may be told to ask the agent.
 */
export async function standInIfDead({
  stateDir,
  runDir,
}: Pick<Settings, 'stateDir' | 'runDir'>): Promise<boolean> {
  if (readCachedText(standInPath(stateDir)) === undefined) return false
  // An agent that hangs is the guard's concern.
  if (sinceHeartbeat(runDir) === undefined && (await nftAsk(SHOW_STAND_IN)) === undefined)
    return loadStandIn(stateDir)
  return true
}

// The guard loads it by itself, so the text is complete.
async function loadStandIn(stateDir: string): Promise<boolean> {
  const rules = readCachedText(standInPath(stateDir))
  return rules !== undefined && (await nftTry(rules))
}

// Returns whether there is a resolver that can stand in.
function writeStandIn({ stateDir, names }: Settings, subnet: Prefix): boolean {
  const path = standInPath(stateDir)
  const resolver = reachableServer(resolverTexts(), formatIp(bridgeAddress(subnet)))
  if (resolver === undefined || names.give === false) {
    dropCache(path)
    return false
  }
  const text = renderStandIn(subnet, resolver)
  if (readCachedText(path) !== text) writeCachedText(path, text)
  return true
}
