// NEB-017: no prefix has two routes on the Nebula interface.

import { NEBULA } from '../../../nebula/service.ts'
import { checkItem } from '../../item.ts'

export const routeCollisions = checkItem({
  id: 'NEB-017',
  title: 'each subnet has one route on the nebula link',
  fault: 'subnet has two routes on the nebula link',
  why:
    'Nebula ignores metrics: of two routes for one subnet it uses the last, ' +
    'and loses the subnet when either is removed.',
  causes: [
    "A peer's subnet is in tun.unsafe_routes, and flatnet adds a route for it too.",
    'A route was added by hand.',
  ],
  steps: [
    'remove the peers from tun.unsafe_routes, where tun.use_system_route_table is true',
    NEBULA.restart,
    'flatnet-cni sync',
  ],
  needs: ['nebulaConfig', 'nebulaRoutes'],
  after: ['NEB-006'],
  judge: ({ nebulaConfig: { tun }, nebulaRoutes: { peerSubnets, routes, dev } }) => {
    const written =
      tun.useSystemRouteTable === true
        ? tun.unsafeRoutes.map(({ route }) => route).filter((route) => peerSubnets.includes(route))
        : []
    const onLink = routes.filter((route) => route.dev === dev)
    const twice = onLink.filter(({ dst }, index) => onLink.findIndex((other) => other.dst === dst) !== index)
    const problems = [
      ...written.map((route) => `${route} is in tun.unsafe_routes, and flatnet installs it too`),
      ...[...new Set(twice.map(({ dst }) => dst))]
        .filter((dst) => !written.includes(dst))
        .map(
          (dst) =>
            `the kernel has ${String(onLink.filter((route) => route.dst === dst).length)} routes for ` +
            `${dst} on ${dev}`,
        ),
    ]
    if (problems.length > 0) return { verdict: 'fail', seen: problems.join('; ') }
    return { verdict: 'ok', seen: `${String(onLink.length)} routes on ${dev}, no subnet twice` }
  },
})
