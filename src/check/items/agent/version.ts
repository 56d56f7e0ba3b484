// AGENT-002: the running agent has the installed version.

import { checkItem } from '../../item.ts'

export const version = checkItem({
  id: 'AGENT-002',
  title: 'running agent is the installed version',
  fault: 'running agent is not the installed version',
  why:
    'A running agent keeps the code it was started with: after an update, ' +
    'the agent and the plugin are different versions.',
  causes: ['flatnet-cni was updated, but the agent was not restarted.'],
  steps: ['systemctl restart flatnet-agent'],
  needs: ['agent'],
  after: ['AGENT-001'],
  judge: ({ agent: { status, own } }) => {
    if (status === undefined) return { verdict: 'skip', seen: 'the agent does not answer' }
    const { version: running, commit } = status.agent
    if (running === own.version && commit === own.commit)
      return { verdict: 'ok', seen: `${running} (${commit})` }
    return {
      verdict: 'warn',
      seen: `the agent runs ${running} (${commit}), but ${own.version} (${own.commit}) is installed`,
    }
  },
})
