// CERT-012: the host's other networks.

import { covers, formatPrefix, networkOf, overlaps, type Prefix } from '../../../addr/prefix.ts'
import type { RouteFacts } from '../../facts/routes.ts'
import { checkItem, type Finding } from '../../item.ts'

export const localOverlapItem = checkItem({
  id: 'CERT-012',
  title: 'no other network of this host has addresses of the pool or the overlay',
  why: 'The kernel sends a packet to the most specific route: a LAN, a docker network or a VPN inside the pool takes the traffic that is meant for containers.',
  causes: [
    'The office LAN or a VPN uses 10.86.x or 10.87.x as well.',
    "Docker's or podman's own networks were given addresses from the same range.",
  ],
  steps: [
    'ip route   # the route that is named',
    'choose another pool, or give the other network other addresses',
  ],
  needs: ['routes', 'settings', 'identity', 'network'],
  judge: ({
    routes,
    settings: { pools, bridge },
    identity,
    network: { nebulaDev },
  }): Finding | readonly Finding[] => {
    const overlay = identity.overlay.map(networkOf)
    const foreign = routes.filter(
      ({ type, dst, dev, protocol }) =>
        type === 'unicast' && dst.length > 0 && protocol !== '77' && dev !== bridge && dev !== nebulaDev,
    )
    const clashes = foreign.flatMap((route) => {
      const mine = [...identity.subnets, ...pools, ...overlay].find((network) => isTaken(network, route))
      return mine === undefined ? [] : [{ route, mine }]
    })
    if (clashes.length === 0)
      return { verdict: 'ok', seen: `${String(foreign.length)} other routes, none of them inside` }
    return clashes.map(({ route, mine }) => ({
      verdict: 'fail' as const,
      subject: formatPrefix(route.dst),
      seen: `the route ${formatPrefix(route.dst)} on ${route.dev ?? 'no link'} overlaps ${nameOf(mine, identity.subnets, overlay)} ${formatPrefix(mine)}`,
    }))
  },
})

// One that is wider than ours loses against our more specific routes, as a VPN's 10.0.0.0/8 does.
function isTaken(network: Prefix, { dst }: RouteFacts): boolean {
  return overlaps(network, dst) && covers(network, dst)
}

function nameOf(network: Prefix, subnets: readonly Prefix[], overlay: readonly Prefix[]): string {
  if (subnets.includes(network)) return "this host's subnet"
  return overlay.includes(network) ? 'the overlay network' : 'the pool'
}
