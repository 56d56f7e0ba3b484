// The group GW: the HTTP gateway.

import type { CheckItem } from '../item.ts'

export const GW_ITEMS: readonly CheckItem[] = []
