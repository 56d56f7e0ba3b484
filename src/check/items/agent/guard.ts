// AGENT-005: a guard process removes the direct routes when the agent dies.

import { checkItem } from '../../item.ts'

export const guard = checkItem({
  id: 'AGENT-005',
  title: 'route guard runs',
  fault: 'route guard is not running',
  why:
    'The guard deletes the direct routes within two seconds when the agent is killed or hangs. ' +
    'Without it they would stay on a dead path.',
  causes: [
    'The guard was killed a moment ago; the agent starts another within seconds.',
    'The machine is out of memory or processes.',
  ],
  steps: ['systemctl restart flatnet-agent'],
  needs: ['agent'],
  after: ['AGENT-001', 'AGENT-003'],
  judge: ({ agent: { status, guardPid } }) => {
    if (status === undefined) return { verdict: 'skip', seen: 'the agent does not answer' }
    return guardPid === undefined
      ? { verdict: 'warn', seen: 'there is no guard process' }
      : { verdict: 'ok', seen: `process ${String(guardPid)}` }
  },
})
