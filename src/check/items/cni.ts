// The group CNI: what container runtimes are configured with.

import type { CheckItem } from '../item.ts'

export const CNI_ITEMS: readonly CheckItem[] = []
