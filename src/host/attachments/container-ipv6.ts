// Switches IPv6 on in a container whose namespace has it off (net.ipv6.conf.default.disable_ipv6 = 1), which
// is how hardened kernels and some runtimes leave it.

import { configError } from '../../config/shape.ts'
import type { Sysctl } from '../../config/container-settings.ts'
import { readSysctlIn, writeSysctlIn } from '../../exec/network/sysctl.ts'
import type { LinkPlan } from '../../net/plan.ts'

const SETTING = 'ipv6/conf/IFNAME/disable_ipv6'

/**
 * Switches IPv6 on for the container's interface and its loopback if it is off for the interface, as the
 * reference plugins do (plugins v1.9.0, pkg/ipam/ipam_linux.go, ConfigureIface).
 * @returns whether it was off
 * @throws CniError InvalidConfig if the settings switch it off; IoFailure if it cannot be switched on
 */
export async function switchOnIpv6(
  { ifname, netns }: LinkPlan,
  sysctls: readonly Sysctl[],
): Promise<boolean> {
  if (
    (await readSysctlIn(
      netns,
      SETTING.replace('IFNAME', () => ifname),
    )) !== '1'
  )
    return false
  if (sysctls.some(({ name }) => name === SETTING)) {
    const remedy =
      "remove it, or sign a certificate without an IPv6 subnet: the container's address needs IPv6"
    throw configError('sysctl.net.ipv6.conf.IFNAME.disable_ipv6', `switches IPv6 off; ${remedy}`)
  }
  for (const link of ['lo', ifname])
    await writeSysctlIn(
      netns,
      SETTING.replace('IFNAME', () => link),
      '0',
    )
  return true
}
