// The group NEB: Nebula itself.

import type { CheckItem } from '../item.ts'

export const NEB_ITEMS: readonly CheckItem[] = []
