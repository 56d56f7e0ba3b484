// NEB-020: Nebula detects dead tunnels quickly.

import { NEBULA } from '../../../nebula/service.ts'
import { checkItem } from '../../item.ts'

// connection_manager.go: Nebula checks a tunnel after the first interval and drops it after the second.
const DEFAULT_ALIVE = 5
const DEFAULT_PENDING = 10
const LONG_SECONDS = 15

export const timers = checkItem({
  id: 'NEB-020',
  title: 'Nebula drops dead tunnels soon',
  fault: 'Nebula keeps dead tunnels for long',
  why:
    'The agent leaves a dead path within a second, but Nebula makes a new tunnel only after it has ' +
    'dropped the old one.',
  causes: ['The timers are longer than their defaults of 5 and 10 s.'],
  steps: [
    'set timers: {connection_alive_interval: 2, pending_deletion_interval: 4} in the configuration of Nebula',
    NEBULA.restart,
  ],
  needs: ['nebulaConfig'],
  after: ['NEB-006'],
  judge: ({
    nebulaConfig: {
      timers: { connectionAliveInterval, pendingDeletionInterval },
    },
  }) => {
    const seconds = (connectionAliveInterval ?? DEFAULT_ALIVE) + (pendingDeletionInterval ?? DEFAULT_PENDING)
    const seen = `Nebula drops a dead tunnel after ${String(seconds)} s`
    if (seconds > LONG_SECONDS) return { verdict: 'warn', seen }
    return {
      verdict: 'ok',
      seen: seconds < LONG_SECONDS ? seen : `${seen}; timers of 2 and 4 s would make it 6 s`,
    }
  },
})
