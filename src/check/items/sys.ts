// The group SYS: what the kernel and the programs of this host must support.

import type { CheckItem } from '../item.ts'
import { backlogItem } from './sys/backlog.ts'
import { bridgeNetfilterItem } from './sys/bridge-netfilter.ts'
import { clockItem } from './sys/clock.ts'
import { conntrackItem } from './sys/conntrack.ts'
import { diskItem } from './sys/disk.ts'
import { forwardingItem } from './sys/forwarding.ts'
import { ipProgramItem } from './sys/ip-program.ts'
import { ipv6Item } from './sys/ipv6.ts'
import { kernelLinksItem } from './sys/kernel-links.ts'
import { kernelRulesItem } from './sys/kernel-rules.ts'
import { nftProgramItem } from './sys/nft-program.ts'
import { otherFirewallItem } from './sys/other-firewall.ts'
import { privilegeItem } from './sys/privilege.ts'
import { rpFilterItem } from './sys/rp-filter.ts'
import { settingsItem } from './sys/settings.ts'
import { tunItem } from './sys/tun.ts'

export const SYS_ITEMS: readonly CheckItem[] = [
  settingsItem,
  privilegeItem,
  ipProgramItem,
  nftProgramItem,
  kernelLinksItem,
  tunItem,
  kernelRulesItem,
  forwardingItem,
  rpFilterItem,
  otherFirewallItem,
  bridgeNetfilterItem,
  conntrackItem,
  backlogItem,
  clockItem,
  diskItem,
  ipv6Item,
]
