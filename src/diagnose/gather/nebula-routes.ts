// Gathers the routes on the Nebula interface, and those that flatnet wants there.

import { formatPrefix } from '../../addr/prefix.ts'
import type { Facts } from '../../check/facts.ts'
import type { GatherContext } from '../context.ts'

/**
 * Gathers the routes.
 * @throws Error when there is no Nebula interface
 */
export async function gatherNebulaRoutes({ get }: GatherContext): Promise<Facts['nebulaRoutes']> {
  const [{ link }, routes, { accepted }] = await Promise.all([get('nebula'), get('routes'), get('peers')])
  if (link === undefined) throw new Error('there is no nebula link')
  return {
    dev: link.name,
    peerSubnets: accepted.flatMap(({ subnets }) => subnets.map(formatPrefix)),
    routes: routes.flatMap(({ dst, via, dev }) =>
      via === undefined || dev === undefined ? [] : [{ dst: formatPrefix(dst), dev }],
    ),
  }
}
