// The group CNI: what container runtimes are configured with.

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
]
