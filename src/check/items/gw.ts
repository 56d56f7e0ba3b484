// The group GW: the gateway path, and the hops that carry packets outside Nebula.

import type { CheckItem } from '../item.ts'
import { forwards } from './gw/forwards.ts'
import { hop } from './gw/hop.ts'
import { link } from './gw/link.ts'
import { peerGateways } from './gw/peer-gateways.ts'

export const GW_ITEMS: readonly CheckItem[] = [hop, forwards, link, peerGateways]
