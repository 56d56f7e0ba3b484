// The group PATH: the paths to each peer.

import type { CheckItem } from '../item.ts'
import { agreement } from './path/agreement.ts'
import { bothEnds } from './path/both-ends.ts'
import { clocks } from './path/clocks.ts'
import { gateway } from './path/gateway.ts'
import { heldBack } from './path/held-back.ts'
import { mtu } from './path/mtu.ts'
import { quality } from './path/quality.ts'
import { refused } from './path/refused.ts'
import { route } from './path/route.ts'
import { seen } from './path/seen.ts'
import { state } from './path/state.ts'

export const PATH_ITEMS: readonly CheckItem[] = [
  refused,
  seen,
  state,
  gateway,
  quality,
  mtu,
  route,
  heldBack,
  agreement,
  bothEnds,
  clocks,
]
