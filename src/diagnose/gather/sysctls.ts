// Gathers the kernel settings that affect container packets.

import type { Facts } from '../../check/facts.ts'
import { linksWithSysctls, readSysctl } from '../../exec/network/sysctl.ts'

const NAMES = [
  'ipv4/ip_forward',
  'ipv6/conf/all/forwarding',
  'ipv6/conf/all/disable_ipv6',
  'ipv4/conf/all/rp_filter',
  'core/netdev_max_backlog',
  'bridge/bridge-nf-call-iptables',
  'bridge/bridge-nf-call-ip6tables',
  'netfilter/nf_conntrack_count',
  'netfilter/nf_conntrack_max',
]

const SETTINGS = [
  'ipv4/conf/LINK/rp_filter',
  'ipv4/conf/LINK/forwarding',
  'ipv6/conf/LINK/forwarding',
  'ipv6/conf/LINK/disable_ipv6',
]

/**
 * Gathers the settings.
 * @throws CniError when /proc/sys cannot be read
 */
export function gatherSysctls(): Facts['sysctls'] {
  const links = linksWithSysctls().flatMap((name) =>
    SETTINGS.map((setting) => setting.replace('LINK', () => name)),
  )
  const values = [...NAMES, ...links].flatMap((name): [string, string][] => {
    const value = readSysctl(name)
    return value === undefined ? [] : [[name, value]]
  })
  return new Map(values)
}
