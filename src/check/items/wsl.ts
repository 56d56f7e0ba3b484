// The group WSL: what Windows makes of a host inside WSL2.

import type { CheckItem } from '../item.ts'

export const WSL_ITEMS: readonly CheckItem[] = []
