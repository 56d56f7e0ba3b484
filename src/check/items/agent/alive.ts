// AGENT-003: the agent writes its heartbeat. The item also says how often the agent got no processor time for
// a while. That is not a fault: busy machines are normal, and the agent does not blame peers for probes that
// it could not receive.

import { checkItem } from '../../item.ts'

export const alive = checkItem({
  id: 'AGENT-003',
  title: 'agent writes its heartbeat',
  fault: "agent's heartbeat is stale or missing",
  why: 'Without the heartbeat the route guard deletes the direct routes, and dead paths go unnoticed.',
  causes: [
    'The agent hangs.',
    'The agent got no processor time for seconds, or the virtual machine was paused.',
  ],
  steps: ['uptime', 'find what uses the processor: top -b -n 1 | head -n 15'],
  needs: ['agent', 'now'],
  after: ['AGENT-001'],
  judge: ({ agent: { status, ownsRoutes, stalls = 0 }, now }) => {
    if (status === undefined) return { verdict: 'skip', seen: 'the agent does not answer' }
    if (!ownsRoutes)
      return {
        verdict: 'fail',
        seen: 'the heartbeat is old or missing, so ADD and sync install direct routes beside the agent',
        next: ['journalctl -u flatnet-agent -n 20', 'systemctl restart flatnet-agent'],
      }
    const minutes = Math.max(1, Math.round((now - Date.parse(status.agent.startedAt) / 1000) / 60))
    const seen =
      `the heartbeat is fresh; the agent got no processor time ${String(stalls)} times in ` +
      `${String(minutes)} minutes`
    return { verdict: 'ok', seen }
  },
})
