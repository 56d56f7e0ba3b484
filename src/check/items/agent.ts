// The group AGENT: the agent.

import type { CheckItem } from '../item.ts'
import { alive } from './agent/alive.ts'
import { answers } from './agent/answers.ts'
import { guard } from './agent/guard.ts'
import { history } from './agent/history.ts'
import { learning } from './agent/learning.ts'
import { metrics } from './agent/metrics.ts'
import { names } from './agent/names.ts'
import { ports } from './agent/ports.ts'
import { registry } from './agent/registry.ts'
import { registrySaved } from './agent/registry-saved.ts'
import { socket } from './agent/socket.ts'
import { told } from './agent/told.ts'
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
  ports,
  learning,
  registry,
  told,
  registrySaved,
  names,
]
