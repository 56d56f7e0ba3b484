// AGENT-005: somebody takes the P2P routes away when the agent dies.

import { checkItem } from '../../item.ts'

export const guard = checkItem({
  id: 'AGENT-005',
  title: 'route guard stands by',
  why: 'It takes the direct routes away within two seconds when the agent is killed or hangs; without it they would stay on a dead path.',
  causes: [
    'It was killed a moment ago; the agent starts another within seconds.',
    'The machine is out of memory or processes.',
  ],
  steps: ['systemctl restart flatnet-agent'],
  needs: ['agent'],
  after: ['AGENT-001', 'AGENT-003'],
  judge: ({ agent: { status, guardPid } }) => {
    if (status === undefined) return { verdict: 'skip', seen: 'it does not answer' }
    return guardPid === undefined
      ? { verdict: 'warn', seen: 'there is none' }
      : { verdict: 'ok', seen: `process ${String(guardPid)}` }
  },
})
