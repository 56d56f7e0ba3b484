// NEB-020: Nebula notices dead tunnels soon.

import { checkItem } from '../../item.ts'

// connection_manager.go: looked at after the first time, given up after the second.
const DEFAULT_ALIVE = 5
const DEFAULT_PENDING = 10
const LONG_SECONDS = 15

export const timers = checkItem({
  id: 'NEB-020',
  title: 'nebula gives up dead tunnels soon',
  why: 'A dead path is left within a second; Nebula makes a new tunnel only after it has given up the old one.',
  causes: ['timers were made longer than their defaults of 5 and 10 s.'],
  steps: [
    'set timers: {connection_alive_interval: 2, pending_deletion_interval: 4} in the configuration of Nebula',
    'systemctl restart nebula@config',
  ],
  needs: ['nebulaConfig'],
  after: ['NEB-006'],
  judge: ({
    nebulaConfig: {
      timers: { connectionAliveInterval, pendingDeletionInterval },
    },
  }) => {
    const seconds = (connectionAliveInterval ?? DEFAULT_ALIVE) + (pendingDeletionInterval ?? DEFAULT_PENDING)
    const seen = `a dead tunnel is given up after ${String(seconds)} s`
    if (seconds > LONG_SECONDS) return { verdict: 'warn', seen }
    return {
      verdict: 'ok',
      seen: seconds < LONG_SECONDS ? seen : `${seen}; 6 s with timers of 2 and 4 work as well`,
    }
  },
})
