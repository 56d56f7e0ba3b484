// AGENT-001: the agent runs and answers.

import { checkItem } from '../../item.ts'

export const answers = checkItem({
  id: 'AGENT-001',
  title: 'agent runs',
  why: 'Without it both routes stay whatever happens: a dead direct path is not noticed, and hosts do not learn of each other.',
  causes: ['The service was not enabled.', 'It ended by itself; its log says why.', 'It hangs.'],
  steps: ['systemctl enable --now flatnet-agent', 'journalctl -u flatnet-agent -n 20'],
  needs: ['agent'],
  after: ['SYS-001'],
  judge: ({ agent: { status, problem, socket } }) => {
    if (status !== undefined) {
      const { pid, startedAt } = status.agent
      return { verdict: 'ok', seen: `process ${String(pid)} since ${startedAt}` }
    }
    // A socket without an agent is what a killed one leaves; none at all is a host without one.
    return { verdict: socket.exists ? 'fail' : 'warn', seen: problem ?? 'it does not answer' }
  },
})
