// What keeps a host with an IPv6 subnet from using it. Linux has no IPv6 on a link with an MTU below 1,280
// bytes, on one where it is switched off, and in a kernel that was started without it.

import { NEBULA } from '../nebula/service.ts'

// RFC 8200, section 5.
const LEAST_MTU = 1280

/** What decides whether IPv6 works. */
export interface Ipv6Situation {
  /** The certificate's IPv6 subnet, as text. */
  readonly subnet: string
  /** Whether the kernel has IPv6 at all. */
  readonly isInKernel: boolean
  /** "mtu" in the settings, and the MTU in bytes that containers get. */
  readonly mtuSetting: number | 'auto'
  readonly mtuBytes: number
  /** Undefined while Nebula is down. */
  readonly nebula: Ipv6Link | undefined
  /** Undefined if the bridge does not exist yet. */
  readonly bridge: Ipv6Link | undefined
}

/**
 * A link, and its `disable_ipv6`. The kernel has no such setting for a link whose MTU is too small for IPv6.
 */
export interface Ipv6Link {
  readonly name: string
  readonly disableIpv6: string | undefined
}

/** What is wrong, and what to type. */
interface Ipv6Obstacle {
  readonly seen: string
  readonly next: readonly string[]
}

/** Returns the first obstacle, or undefined if there is none that flatnet-cni does not remove itself. */
export function ipv6Obstacle(situation: Ipv6Situation): Ipv6Obstacle | undefined {
  const { isInKernel, mtuSetting, mtuBytes, nebula, bridge } = situation
  const subnet = `the certificate has the subnet ${situation.subnet}`
  const without = 'or sign a certificate without an IPv6 subnet'
  const tooSmall = (what: string): string => `${what}; IPv6 needs ${String(LEAST_MTU)}, and ${subnet}`
  if (!isInKernel) {
    const remove =
      "remove ipv6.disable=1 from the kernel's command line (kernelCommandLine in .wslconfig), and restart"
    return { seen: `the kernel runs without IPv6, and ${subnet}`, next: [remove, without] }
  }
  if (mtuSetting !== 'auto' && mtuSetting < LEAST_MTU) {
    const raise = 'remove "mtu" from /etc/flatnet/flatnet.json and from the network configuration'
    return { seen: tooSmall(`"mtu" is ${String(mtuSetting)} bytes`), next: [raise] }
  }
  if (nebula?.disableIpv6 === '1') {
    const setting = `net.ipv6.conf.${nebula.name}.disable_ipv6`
    const on = [`sysctl -w net.ipv6.conf.default.disable_ipv6=0 ${setting}=0`, 'write both to /etc/sysctl.d']
    const seen = `IPv6 is switched off on ${nebula.name} (${setting} = 1), and ${subnet}`
    return { seen, next: [...on, NEBULA.restart, without] }
  }
  if (nebula !== undefined && (nebula.disableIpv6 === undefined || mtuBytes < LEAST_MTU)) {
    const has = mtuSetting === 'auto' ? `an MTU of ${String(mtuBytes)} bytes` : 'a smaller MTU than "mtu"'
    const raise = 'set tun.mtu: 1300 in the configuration of Nebula on all hosts'
    return { seen: tooSmall(`${nebula.name} has ${has}`), next: [raise, NEBULA.restart] }
  }
  if (bridge !== undefined && bridge.disableIpv6 === undefined) {
    const raise = `ip link set dev ${bridge.name} mtu ${String(mtuBytes)}`
    const seen = tooSmall(`${bridge.name} was made with a smaller MTU`)
    return { seen, next: [raise, 'restart the containers that have the smaller MTU'] }
  }
  return undefined
}
