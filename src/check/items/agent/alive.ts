// AGENT-003: the agent keeps up: its sign of life is fresh and it does not stand still.

import { checkItem } from '../../item.ts'

// A machine that slept counts once; more than one in ten minutes is a machine that cannot keep up.
const SECONDS_PER_STALL = 600

export const alive = checkItem({
  id: 'AGENT-003',
  title: 'agent keeps up',
  why: 'When it stands still its routes are taken away and dead paths are noticed late.',
  causes: [
    'The machine is overloaded, or the virtual machine is paused again and again.',
    'The agent hangs.',
  ],
  steps: ['uptime', 'systemctl restart flatnet-agent'],
  needs: ['agent', 'now'],
  after: ['AGENT-001'],
  judge: ({ agent: { status, ownsRoutes, stalls = 0 }, now }) => {
    if (status === undefined) return { verdict: 'skip', seen: 'it does not answer' }
    if (!ownsRoutes)
      return {
        verdict: 'fail',
        seen: 'its sign of life is old or not there: others install routes beside it',
      }
    const seconds = Math.max(1, now - Date.parse(status.agent.startedAt) / 1000)
    const seen = `stood still ${String(stalls)} times in ${String(Math.round(seconds / 60))} minutes`
    return { verdict: stalls > 1 && seconds / stalls < SECONDS_PER_STALL ? 'warn' : 'ok', seen }
  },
})
