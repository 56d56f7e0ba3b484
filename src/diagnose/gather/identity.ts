// Gathers what follows from the host certificate: the host's identity, its network and its peers. Uses the
// same functions as ADD, without the caches that ADD keeps.

import type { Facts } from '../../check/facts.ts'
import { isLate } from '../../cni/late.ts'
import { verifyIdentity } from '../../host/identity/identity.ts'
import { kernelRoutes } from '../../host/routes/kernel-routes.ts'
import { lookAround } from '../../host/network/network.ts'
import { loadPeers } from '../../host/identity/peers.ts'
import type { GatherContext } from '../context.ts'

/**
 * Gathers the host's identity.
 * @throws CniError that names the file, the field and the remedy
 */
export async function gatherIdentity({ get, now }: GatherContext): Promise<Facts['identity']> {
  return verifyIdentity(await get('settings'), now)
}

/**
 * Gathers the host's links and hops.
 * @throws CniError when there is no identity
 */
export async function gatherNetwork({ get, now }: GatherContext): Promise<Facts['network']> {
  const settings = await get('settings')
  const { refused, ...network } = await lookAround(
    settings,
    await verifyIdentity(settings, now),
    await kernelRoutes(),
  )
  return {
    ...network,
    refusedHops: refused.map(({ peer, error }) => ({ peer, problem: error.details })),
  }
}

/**
 * Gathers the peers' certificates.
 * @throws CniError when there is no identity or no CA
 */
export async function gatherPeers({ get, now }: GatherContext): Promise<Facts['peers']> {
  const settings = await get('settings')
  return loadPeers(settings, await verifyIdentity(settings, now), now)
}

/**
 * Returns the part of this host's identity that other gatherers need; nothing while its certificate fails
 * verification, which the group CERT reports. The state and Nebula's process can be examined without it.
 */
export async function believed(
  get: GatherContext['get'],
): Promise<Pick<Facts['identity'], 'overlay' | 'subnets'>> {
  try {
    return await get('identity')
  } catch (error) {
    if (isLate(error)) throw error
    return { overlay: [], subnets: [] }
  }
}
