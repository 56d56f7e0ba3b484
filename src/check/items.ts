// All items, by group. A new item takes one file in its group's folder and one line in its group's list.

import type { CheckItem } from './item.ts'
import { AGENT_ITEMS } from './items/agent.ts'
import { CERT_ITEMS } from './items/cert.ts'
import { CNI_ITEMS } from './items/cni.ts'
import { GW_ITEMS } from './items/gw.ts'
import { HTTP_ITEMS } from './items/http.ts'
import { IPAM_ITEMS } from './items/ipam.ts'
import { NEB_ITEMS } from './items/neb.ts'
import { PATH_ITEMS } from './items/path.ts'
import { SYS_ITEMS } from './items/sys.ts'
import { WSL_ITEMS } from './items/wsl.ts'

/** All items, in report order. */
export const ITEMS: readonly CheckItem[] = [
  ...SYS_ITEMS,
  ...WSL_ITEMS,
  ...CERT_ITEMS,
  ...NEB_ITEMS,
  ...CNI_ITEMS,
  ...IPAM_ITEMS,
  ...AGENT_ITEMS,
  ...PATH_ITEMS,
  ...GW_ITEMS,
  ...HTTP_ITEMS,
]
