// NEB-018: no route in Nebula's configuration lies inside the overlay network.

import { covers, networkOf, parsePrefix } from '../../../addr/prefix.ts'
import { checkItem } from '../../item.ts'

export const overlayRoutes = checkItem({
  id: 'NEB-018',
  title: 'no unsafe route lies inside the overlay network',
  fault: 'unsafe route lies inside the overlay network',
  why:
    'Nebula does not start with such a route, and nebula -test does not notice it: ' +
    'the next restart cuts this host off.',
  causes: ['The container subnets were taken from the overlay network; they must be outside it.'],
  steps: [
    'remove the route from tun.unsafe_routes, and choose container subnets outside the overlay network',
  ],
  needs: ['nebulaConfig', 'nebula'],
  after: ['NEB-006'],
  judge: ({ nebulaConfig: { tun }, nebula: { overlay } }) => {
    const networks = overlay.flatMap((text) => parsePrefix(text) ?? []).map(networkOf)
    const inside = tun.unsafeRoutes.filter(({ route }) => {
      const prefix = parsePrefix(route)
      return prefix !== undefined && networks.some((network) => covers(network, prefix))
    })
    if (inside.length === 0)
      return { verdict: 'ok', seen: `${String(tun.unsafeRoutes.length)} unsafe routes, none inside` }
    return {
      verdict: 'fail',
      seen:
        `${inside.map(({ route }) => route).join(', ')} in tun.unsafe_routes is inside ` +
        `${overlay.join(' and ')}`,
    }
  },
})
