// AGENT-001: the agent runs and answers.

import { checkItem } from '../../item.ts'

export const answers = checkItem({
  id: 'AGENT-001',
  title: 'agent runs',
  fault: 'agent does not answer',
  why:
    'Without the agent both routes stay installed whatever happens: ' +
    'nothing notices a dead direct path, and hosts do not learn of each other.',
  causes: ['The service was not enabled.', 'The agent exited; its log says why.', 'The agent hangs.'],
  steps: ['systemctl enable --now flatnet-agent', 'journalctl -u flatnet-agent -n 20'],
  needs: ['agent'],
  after: ['SYS-001'],
  judge: ({ agent: { status, problem, socket } }) => {
    if (status !== undefined) {
      const { pid, startedAt } = status.agent
      return { verdict: 'ok', seen: `process ${String(pid)} since ${startedAt}` }
    }
    if (socket.obstacle !== undefined)
      return {
        verdict: 'fail',
        fault: "agent's socket cannot be made",
        seen: socket.obstacle,
        next: ['remove what is in the way, or move it', 'systemctl restart flatnet-agent'],
      }
    // A killed agent leaves its socket behind. Without a socket, this host simply runs no agent.
    const seen = problem ?? 'no answer on its socket'
    return socket.exists
      ? { verdict: 'fail', seen }
      : { verdict: 'warn', fault: 'agent is not running', seen }
  },
})
