// What follows from the host's certificate: who it is, where it stands, who its peers are. As ADD finds them, without the
// caches that ADD keeps.

import type { Facts } from '../../check/facts.ts'
import { verifyIdentity } from '../../host/identity.ts'
import { kernelRoutes, lookAround } from '../../host/network.ts'
import { loadPeers } from '../../host/peers.ts'
import type { GatherContext } from '../context.ts'

/** @throws CniError that names the file, the field and the remedy */
export async function gatherIdentity({ get, now }: GatherContext): Promise<Facts['identity']> {
  return verifyIdentity(await get('settings'), now)
}

/** @throws CniError when there is no identity */
export async function gatherNetwork({ get, now }: GatherContext): Promise<Facts['network']> {
  const settings = await get('settings')
  const { refused, ...network } = await lookAround(
    settings,
    await verifyIdentity(settings, now),
    kernelRoutes(),
  )
  return {
    ...network,
    refusedHops: refused.map(({ peer, error }) => ({ peer, problem: error.details })),
  }
}

/** @throws CniError when there is no identity or no CA */
export async function gatherPeers({ get, now }: GatherContext): Promise<Facts['peers']> {
  const settings = await get('settings')
  return loadPeers(settings, await verifyIdentity(settings, now), now)
}

/**
 * What of this host's identity is needed to look at the rest. Nothing while its certificate is not to be believed, which
 * the group CERT says: the state and Nebula's process can be looked at all the same.
 */
export async function believed(
  get: GatherContext['get'],
): Promise<Pick<Facts['identity'], 'overlay' | 'subnets'>> {
  try {
    return await get('identity')
  } catch {
    return { overlay: [], subnets: [] }
  }
}
