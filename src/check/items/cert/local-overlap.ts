// CERT-012: no other network of this host overlaps the pool or the overlay network.

import { covers, formatPrefix, networkOf, overlaps, type Prefix } from '../../../addr/prefix.ts'
import type { PolicyTable } from '../../facts/policy-tables.ts'
import type { RouteFacts } from '../../facts/routes.ts'
import { checkItem, type Finding } from '../../item.ts'

export const localOverlapItem = checkItem({
  id: 'CERT-012',
  title: 'no other network of this host overlaps the pool or the overlay network',
  fault: 'another network overlaps the pool or the overlay network',
  why:
    'The kernel uses the most specific route: a LAN, a Docker network or a VPN inside the pool takes ' +
    'the traffic meant for containers.',
  causes: [
    'The office LAN or a VPN uses 10.86.x or 10.87.x as well.',
    'Docker or podman gave its own networks addresses from the same range.',
    'Tailscale or another VPN has such routes in a separate table, ' +
      'which the kernel consults first (ip rule).',
  ],
  steps: [
    'ip route   # the route named above; ip rule, for other tables',
    'choose another pool, or give the other network other addresses',
  ],
  needs: ['routes', 'policyTables', 'settings', 'identity', 'network'],
  judge: ({
    routes,
    policyTables,
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
    const here = clashes.map(({ route, mine }) => ({
      verdict: 'fail' as const,
      subject: formatPrefix(route.dst),
      seen:
        `the route ${formatPrefix(route.dst)} on ${route.dev ?? 'no link'} overlaps ` +
        `${nameOf(mine, identity.subnets, overlay)} ${formatPrefix(mine)}`,
    }))
    const own = [bridge, nebulaDev]
    const earlier = policyTables
      .filter(
        ({ source }) => source === undefined || identity.subnets.some((subnet) => overlaps(source, subnet)),
      )
      .flatMap((table) =>
        [...pools, ...overlay].flatMap((network) =>
          judgeTable(table, network, nameOf(network, [], overlay), own),
        ),
      )
    if (here.length + earlier.length > 0) return [...here, ...earlier]
    return { verdict: 'ok', seen: `${String(foreign.length)} other routes, none overlapping` }
  },
})

// In a table that comes first, a wider route captures our packets as well: the kernel no longer consults the
// main table.
function judgeTable(
  { table, priority, exempt, routes }: PolicyTable,
  network: Prefix,
  name: string,
  own: readonly (string | undefined)[],
): readonly Finding[] {
  if (exempt.some((prefix) => covers(prefix, network))) return []
  const near = routes.filter(({ dst }) => overlaps(dst, network))
  const passedOn = near.filter(({ type }) => type === 'throw')
  const taking = near.find(
    ({ type, dst, dev }) =>
      type !== 'throw' &&
      !own.includes(dev) &&
      !passedOn.some((other) => other.dst.length >= dst.length && covers(other.dst, narrower(dst, network))),
  )
  if (taking === undefined) return []
  const [text, dst] = [formatPrefix(network), formatPrefix(taking.dst)]
  return [
    {
      verdict: 'fail',
      subject: `table ${table}, ${text}`,
      seen:
        `the kernel consults table ${table} first (rule ${String(priority)}), ` +
        `and its route ${dst} on ${taking.dev ?? 'no link'} overlaps ${name} ${text}`,
      next: [
        `ip rule add to ${text} lookup main priority ${String(priority - 1)}   # and at every boot`,
        'or exclude it in the VPN; Tailscale: tailscale set --accept-routes=false',
      ],
    },
  ]
}

function narrower(a: Prefix, b: Prefix): Prefix {
  return a.length > b.length ? a : b
}

// A wider route, such as a VPN's 10.0.0.0/8, loses to our more specific ones.
function isTaken(network: Prefix, { dst }: RouteFacts): boolean {
  return overlaps(network, dst) && covers(network, dst)
}

function nameOf(network: Prefix, subnets: readonly Prefix[], overlay: readonly Prefix[]): string {
  if (subnets.includes(network)) return "this host's subnet"
  return overlay.includes(network) ? 'the overlay network' : 'the pool'
}
