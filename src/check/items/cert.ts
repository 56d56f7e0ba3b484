// The group CERT: this host's certificate, its peers' and what the subnet in it collides with.

import type { CheckItem } from '../item.ts'

export const CERT_ITEMS: readonly CheckItem[] = []
