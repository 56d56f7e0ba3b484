// Checks that this host has IPv6 if its certificate requires it.

import { formatPrefix } from '../../addr/prefix.ts'
import { CniCode, CniError } from '../../cni/error.ts'
import type { Settings } from '../../config/settings.ts'
import { readSysctl } from '../../exec/network/sysctl.ts'
import { linkExists } from '../../kernel/presence.ts'
import type { Ipv6Link } from '../../net/ipv6-obstacle.ts'
import type { Identity } from '../identity/identity.ts'
import type { HostNetwork } from './network.ts'

/** Refuses a host with an IPv6 subnet on which IPv6 cannot work. @throws CniError CommandRefused */
export async function requireIpv6(
  { bridge, mtu }: Settings,
  { subnets }: Identity,
  { nebulaDev, mtuBytes }: HostNetwork,
): Promise<void> {
  const subnet = subnets.find(({ family }) => family === 6)
  if (subnet === undefined) return
  // A verb without IPv6 does not load it.
  const { ipv6Obstacle } = await import('../../net/ipv6-obstacle.ts')
  const obstacle = ipv6Obstacle({
    subnet: formatPrefix(subnet),
    isInKernel: readSysctl('ipv6/conf/all/disable_ipv6') !== undefined,
    mtuSetting: mtu,
    mtuBytes,
    nebula: nebulaDev === undefined ? undefined : look(nebulaDev),
    bridge: linkExists(bridge) ? look(bridge) : undefined,
  })
  if (obstacle === undefined) return
  const { seen, next } = obstacle
  throw new CniError(CniCode.CommandRefused, 'no IPv6 on this host', `${seen}: ${next.join('; ')}`)
}

function look(name: string): Ipv6Link {
  return { name, disableIpv6: readSysctl(`ipv6/conf/${name}/disable_ipv6`) }
}
