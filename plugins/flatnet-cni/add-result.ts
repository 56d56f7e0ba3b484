// What ADD has made, as the runtime is told (CNI SPEC 1.1.0, section 5, "Success").

import { formatIp } from '../../src/addr/ip.ts'
import { formatPrefix, type Prefix } from '../../src/addr/prefix.ts'
import type { CniResult, ResultDns, ResultRoute } from '../../src/cni/result.ts'
import { type ContainerRoute, type LinkPlan, macOf } from '../../src/net/plan.ts'

/** What the result follows from. */
export interface Added {
  readonly bridge: string
  /** The bridge's addresses, one per family of the container at least. */
  readonly gateways: readonly Prefix[]
  readonly link: LinkPlan
  readonly addresses: readonly Prefix[]
  readonly routes: readonly ContainerRoute[]
  readonly dns: ResultDns
}

/** Our own part of the result. The bridge comes first: Debian's firewall plugin takes interfaces[0] for it. */
export function describeResult({ bridge, gateways, link, addresses, routes, dns }: Added): CniResult {
  const mtu = link.mtuBytes
  return {
    interfaces: [
      { name: bridge, mac: macOf(gateways[0] ?? { family: 4, value: 0n }) },
      { name: link.hostLink, mac: link.hostMac, mtu },
      { name: link.ifname, mac: link.mac, mtu, sandbox: link.netns },
    ],
    ips: addresses.map((address) => {
      const gateway = gateways.find(({ family }) => family === address.family)
      return { address: formatPrefix(address), interface: 2, ...(gateway && { gateway: formatIp(gateway) }) }
    }),
    routes: routes.map(describeRoute),
    dns,
  }
}

function describeRoute({ dst, gateway, metric, ...rest }: ContainerRoute): ResultRoute {
  return {
    dst: formatPrefix(dst),
    ...(gateway === undefined ? {} : { gw: formatIp(gateway) }),
    ...(metric === 0 ? {} : { priority: metric }),
    ...rest,
  }
}
