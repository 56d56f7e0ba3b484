// Makes answers leave by the link on which the request arrived. If an attachment's default route is not the
// container's first one, packets from its address get their own table (ip-rule(8)). Otherwise the answers of
// a published port would leave by another network, where the host cannot translate them back.

import { formatIp, type Ip } from '../addr/ip.ts'
import { formatPrefix, networkOf, type Prefix } from '../addr/prefix.ts'
import type { IpCommand } from '../ip/batch.ts'
import { type ContainerRoute, containerRouteAdd } from './plan.ts'

/** The routing of one source address. */
export interface SourceRouting {
  readonly address: Ip
  readonly table: number
  readonly routes: readonly IpCommand[]
  readonly rule: IpCommand
}

/** Returns whether another network of the container may have a better default route than these routes. */
export function needsSourceRouting(routes: readonly ContainerRoute[]): boolean {
  return routes.some(({ dst, metric, table }) => dst.length === 0 && metric !== 0 && table === undefined)
}

/** Plans one table per address of an attachment, with the same routes as in the main table. */
export function planSourceRouting(
  ifname: string,
  addresses: readonly Prefix[],
  routes: readonly ContainerRoute[],
): readonly SourceRouting[] {
  return addresses.map((address) => {
    const { family } = address
    const table = tableOf(address)
    const own = routes.filter((route) => route.dst.family === family && route.table === undefined)
    const network: ContainerRoute = { dst: networkOf(address), gateway: undefined, metric: 0 }
    const dsts = new Set(own.map(({ dst }) => formatPrefix(dst)))
    return {
      address,
      table,
      routes: [...(dsts.has(formatPrefix(network.dst)) ? [] : [network]), ...own].map((route) => {
        const [, , ...rest] = containerRouteAdd(ifname, { ...route, metric: 0, table })
        return ['route', 'replace', ...rest]
      }),
      rule: ['rule', 'add', 'from', formatIp(address), 'lookup', String(table)],
    }
  })
}

// The routes disappear with the link. In a namespace that lives on, the rule stays and finds an empty table.
// Deriving the number from the address makes it point to the right table if the address returns.
function tableOf({ value }: Ip): number {
  return 77 * 2 ** 24 + Number(value % 2n ** 24n)
}
