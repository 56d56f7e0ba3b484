// The group WSL: what Windows does to a host inside WSL 2.

import type { CheckItem } from '../item.ts'
import { driftItem } from './wsl/drift.ts'
import { windowsForwardingItem } from './wsl/forwarding.ts'
import { hyperVFirewallItem } from './wsl/hyper-v-firewall.ts'
import { keepAliveItem } from './wsl/keep-alive.ts'
import { modeItem } from './wsl/mode.ts'
import { modulesItem } from './wsl/modules.ts'
import { mtuItem } from './wsl/mtu.ts'
import { networkItem } from './wsl/network.ts'
import { resolverItem } from './wsl/resolver.ts'
import { sleepItem } from './wsl/sleep.ts'
import { systemdItem } from './wsl/systemd.ts'
import { udpPortItem } from './wsl/udp-port.ts'

export const WSL_ITEMS: readonly CheckItem[] = [
  modeItem,
  modulesItem,
  systemdItem,
  keepAliveItem,
  networkItem,
  driftItem,
  mtuItem,
  resolverItem,
  sleepItem,
  hyperVFirewallItem,
  windowsForwardingItem,
  udpPortItem,
]
