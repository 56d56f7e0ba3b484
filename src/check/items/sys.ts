// The group SYS: what the kernel and the programs of this host have to be able to do.

import type { CheckItem } from '../item.ts'
import { settingsItem } from './sys/settings.ts'

export const SYS_ITEMS: readonly CheckItem[] = [settingsItem]
