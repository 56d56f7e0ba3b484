// What containers are told about names: to ask the agent, on the bridge address.

import { formatIp } from '../../addr/ip.ts'
import { searchAfter } from '../../names/resolv-conf.ts'
import { sinceHeartbeat } from '../../state/agent/heartbeat.ts'
import { standInRules } from '../../state/agent/names-stand-in.ts'
import { readCachedText } from '../../state/files/cache.ts'
import type { Host } from '../host.ts'
import { RESOLV_CONF } from './resolver-files.ts'

/** Resolver settings for a container. */
export interface GivenNames {
  readonly servers: readonly string[]
  readonly search: readonly string[]
}

/**
 * Returns what a new container is told; undefined if it keeps the runtime's own resolvers. Unless the
 * settings insist, it is told only if that overrides nothing that a user says, and the host's resolver stands
 * in for an agent that is down.
 * @param prefersUserDns whether the runtime puts what its user says before this
 */
export async function givenNames(
  { settings, bridge }: Host,
  prefersUserDns: boolean,
): Promise<GivenNames | undefined> {
  const { give, domain } = settings.names
  const address = bridge.addresses.find(({ family }) => family === 4)
  if (give === false || address === undefined || (give === 'auto' && !prefersUserDns)) return undefined
  if (!(await isAnswered(settings)) && give === 'auto') return undefined
  // Without the host's own domains, its short names would be lost to the container.
  return { servers: [formatIp(address)], search: searchAfter(domain, readCachedText(RESOLV_CONF) ?? '') }
}

async function isAnswered(folders: Pick<Host['settings'], 'stateDir' | 'runDir'>): Promise<boolean> {
  if (standInRules(folders.stateDir) === undefined) return false
  if (sinceHeartbeat(folders.runDir) !== undefined) return true
  const { standInIfDead } = await import('./stand-in.ts')
  return standInIfDead(folders)
}
