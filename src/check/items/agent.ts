// The group AGENT: the agent.

import type { CheckItem } from '../item.ts'

export const AGENT_ITEMS: readonly CheckItem[] = []
