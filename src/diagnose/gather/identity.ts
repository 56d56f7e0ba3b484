// Gathers what follows from the host certificate: the host's identity, its network and its peers. Uses the
// same functions as ADD, without the caches that ADD keeps.

import type { Facts } from '../../check/facts.ts'
import { isLate } from '../../cni/late.ts'
import { type Identity, verifyIdentity } from '../../host/identity/identity.ts'
import { kernelRoutes } from '../../host/routes/kernel-routes.ts'
import { lookAround } from '../../host/network/network.ts'
import { loadPeers } from '../../host/identity/peers.ts'
import type { GatherContext } from '../context.ts'

/**
 * Gathers the host's identity.
 * @throws CniError that names the file, the field and the remedy
 */
export async function gatherIdentity(context: GatherContext): Promise<Facts['identity']> {
  return verified(context)
}

async function verified({ get, now }: GatherContext): Promise<Identity> {
  const [settings, { isBareLighthouse }] = await Promise.all([get('settings'), get('role')])
  return verifyIdentity(settings, now, { needsSubnet: !isBareLighthouse })
}

/**
 * Gathers the host's links and hops.
 * @throws CniError when there is no identity
 */
export async function gatherNetwork(context: GatherContext): Promise<Facts['network']> {
  const settings = await context.get('settings')
  const { refused, ...network } = await lookAround(settings, await verified(context), await kernelRoutes())
  return {
    ...network,
    refusedHops: refused.map(({ peer, error }) => ({ peer, problem: error.details })),
  }
}

/**
 * Gathers the peers' certificates.
 * @throws CniError when there is no identity or no CA
 */
export async function gatherPeers(context: GatherContext): Promise<Facts['peers']> {
  const settings = await context.get('settings')
  return loadPeers(settings, await verified(context), context.now)
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
