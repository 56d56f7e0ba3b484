// AGENT-006: only root may ask the agent.

import { checkItem } from '../../item.ts'

export const socket = checkItem({
  id: 'AGENT-006',
  title: "agent's socket is for root alone",
  why: 'Whoever may write to it can block paths (drill) and read about every container.',
  causes: ['Somebody changed its permissions to ask the agent without sudo.'],
  steps: ['chown root: /run/flatnet/agent.sock', 'chmod 600 /run/flatnet/agent.sock'],
  needs: ['agent'],
  judge: ({
    agent: {
      socket: { path, exists, mode, uid },
    },
  }) => {
    if (!exists) return { verdict: 'skip', seen: 'there is no socket' }
    const seen = `${path} is ${mode.toString(8).padStart(4, '0')}, owner ${String(uid)}`
    return uid === 0 && (mode & 0o077) === 0 ? { verdict: 'ok', seen } : { verdict: 'fail', seen }
  },
  fix: (
    {
      agent: {
        socket: { path, mode, uid },
      },
    },
    { verdict },
  ) =>
    verdict === 'fail' && uid === 0
      ? {
          kind: 'mode',
          arguments: [path, '600'],
          what: `let root alone use ${path}`,
          undo: `chmod ${mode.toString(8)} ${path}`,
        }
      : undefined,
})
