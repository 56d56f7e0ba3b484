// The group CNI: the configuration of the container runtimes.

import type { CheckItem } from '../item.ts'
import { agreement } from './cni/agreement.ts'
import { capabilities } from './cni/capabilities.ts'
import { chainOrder } from './cni/chain-order.ts'
import { chainPlugins } from './cni/chain-plugins.ts'
import { names } from './cni/names.ts'
import { network } from './cni/network.ts'
import { others } from './cni/others.ts'
import { pluginFile } from './cni/plugin-file.ts'
import { pluginVersion } from './cni/plugin-version.ts'
import { podman } from './cni/podman.ts'
import { podmanDriver } from './cni/podman-driver.ts'
import { podmanFirewall } from './cni/podman-firewall.ts'
import { valid } from './cni/valid.ts'

export const CNI_ITEMS: readonly CheckItem[] = [
  network,
  valid,
  capabilities,
  chainOrder,
  pluginFile,
  pluginVersion,
  chainPlugins,
  names,
  others,
  podman,
  agreement,
  podmanDriver,
  podmanFirewall,
]
