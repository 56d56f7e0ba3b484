// What containers are told about names: to ask the agent, on the bridge address.

import { formatIp } from '../../addr/ip.ts'
import { searchAfter } from '../../names/resolv-conf.ts'
import type { Host } from '../host.ts'
import { resolverTexts } from './resolver-files.ts'
import { standInIfDead } from './stand-in.ts'

/** Resolver settings for a container. */
export interface GivenNames {
  readonly servers: readonly string[]
  readonly search: readonly string[]
}

/**
 * Returns what a new container is told; undefined if it keeps the runtime's own resolvers. Unless the
 * settings insist, it is told only where the host's resolver stands in for an agent that is down.
 */
export async function givenNames({ settings, bridge }: Host): Promise<GivenNames | undefined> {
  const { give, domain } = settings.names
  const address = bridge.addresses.find(({ family }) => family === 4)
  if (give === false || address === undefined) return undefined
  if (!(await standInIfDead(settings)) && give === 'auto') return undefined
  // Without the host's own domains, its short names would be lost to the container.
  return { servers: [formatIp(address)], search: searchAfter(domain, resolverTexts()[0] ?? '') }
}
