// AGENT-002: the agent is of the version that is installed.

import { checkItem } from '../../item.ts'

export const version = checkItem({
  id: 'AGENT-002',
  title: 'agent is of the installed version',
  why: 'A running agent goes on with the code it was started with: after an update it and the plugin are of two versions.',
  causes: ['flatnet-cni was updated and the agent not restarted.'],
  steps: ['systemctl restart flatnet-agent'],
  needs: ['agent'],
  after: ['AGENT-001'],
  judge: ({ agent: { status, own } }) => {
    if (status === undefined) return { verdict: 'skip', seen: 'it does not answer' }
    const { version: running, commit } = status.agent
    if (running === own.version && commit === own.commit)
      return { verdict: 'ok', seen: `${running} (${commit})` }
    return {
      verdict: 'warn',
      seen: `it runs ${running} (${commit}), installed is ${own.version} (${own.commit})`,
    }
  },
})
