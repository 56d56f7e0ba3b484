// The group IPAM: leases, records and the bridge.

import type { CheckItem } from '../item.ts'

export const IPAM_ITEMS: readonly CheckItem[] = []
