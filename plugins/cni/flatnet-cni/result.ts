// Describes what ADD has made for the runtime (CNI SPEC 1.1.0, section 5, "Success"), which
// returns it to CHECK.

import { formatIp } from '../../../src/addr/ip.ts'
import { formatPrefix } from '../../../src/addr/prefix.ts'
import type { CniResult, ResultDns, ResultRoute } from '../../../src/cni/result.ts'
import type { Added } from '../../../src/host/attachments/add.ts'
import { bridgeMac, type ContainerRoute } from '../../../src/net/plan.ts'

/**
 * Describes our own part of the result. The bridge comes first: Debian's firewall plugin reads interfaces[0].
 */
export function describeResult({ bridge, link, addresses, routes }: Added, dns: ResultDns): CniResult {
  const mtu = link.mtuBytes
  return {
    interfaces: [
      { name: bridge.name, mac: bridgeMac(bridge) },
      { name: link.hostLink, mac: link.hostMac, mtu },
      { name: link.ifname, mac: link.mac, mtu, sandbox: link.netns },
    ],
    ips: addresses.map((address) => {
      const gateway = bridge.addresses.find(({ family }) => family === address.family)
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
