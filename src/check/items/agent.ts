// The group AGENT: the agent.

import type { CheckItem } from '../item.ts'
import { alive } from './agent/alive.ts'
import { answers } from './agent/answers.ts'
import { guard } from './agent/guard.ts'
import { history } from './agent/history.ts'
import { metrics } from './agent/metrics.ts'
import { socket } from './agent/socket.ts'
import { trouble } from './agent/trouble.ts'
import { version } from './agent/version.ts'

export const AGENT_ITEMS: readonly CheckItem[] = [
  answers,
  version,
  alive,
  trouble,
  guard,
  socket,
  metrics,
  history,
]
