// The group PATH: the ways to each peer.

import type { CheckItem } from '../item.ts'

export const PATH_ITEMS: readonly CheckItem[] = []
