// The kernel settings that packets of containers depend on.

import type { Facts } from '../../check/facts.ts'
import { readSysctl } from '../../exec/sysctl.ts'
import type { GatherContext } from '../context.ts'

const NAMES = [
  'ipv4/ip_forward',
  'ipv6/conf/all/forwarding',
  'ipv4/conf/all/rp_filter',
  'core/netdev_max_backlog',
  'bridge/bridge-nf-call-iptables',
  'bridge/bridge-nf-call-ip6tables',
  'netfilter/nf_conntrack_count',
  'netfilter/nf_conntrack_max',
]

/** @throws CniError when `ip` is missing */
export async function gatherSysctls({ get }: GatherContext): Promise<Facts['sysctls']> {
  const links = (await get('links')).map(({ name }) => `ipv4/conf/${name}/rp_filter`)
  const values = [...NAMES, ...links].flatMap((name): [string, string][] => {
    const value = readSysctl(name)
    return value === undefined ? [] : [[name, value]]
  })
  return new Map(values)
}
