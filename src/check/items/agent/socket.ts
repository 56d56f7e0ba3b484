// AGENT-006: only root can connect to the agent's socket.

import { checkItem } from '../../item.ts'

export const socket = checkItem({
  id: 'AGENT-006',
  title: "only root can connect to the agent's socket",
  fault: "other users can connect to the agent's socket",
  why: 'A user who can connect can block paths (drill) and list every container.',
  causes: ['The permissions were changed so that the agent can be asked without sudo.'],
  steps: ['chown root: /run/flatnet/agent.sock', 'chmod 600 /run/flatnet/agent.sock'],
  needs: ['agent'],
  judge: ({
    agent: {
      socket: { path, exists, mode, uid },
    },
  }) => {
    if (!exists) return { verdict: 'skip', seen: 'there is no socket' }
    const seen = `${path} has mode ${mode.toString(8).padStart(4, '0')}, owner ${String(uid)}`
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
          what: `let only root use ${path}`,
          undo: `chmod ${mode.toString(8)} ${path}`,
        }
      : undefined,
})
