// HTTP-005: the agent keeps the HTTP Gateway informed.

import { checkItem } from '../../item.ts'

// The agent speaks every five seconds.
const LONG_SECONDS = 60

export const told = checkItem({
  id: 'HTTP-005',
  title: 'agent informs the HTTP Gateway',
  fault: 'agent does not inform the HTTP Gateway',
  why:
    'The HTTP Gateway goes on with the containers that it knows; new ones are not found, and old addresses ' +
    'fail.',
  causes: ['The agent does not run.', 'The agent is of a version without HTTP Gateway.'],
  steps: ['systemctl restart flatnet-agent', 'journalctl -u flatnet-agent -n 20'],
  needs: ['httpGateway'],
  after: ['HTTP-002', 'AGENT-001'],
  judge: ({ httpGateway: { isInstalled, problem, host, silentSeconds } }) => {
    if (!isInstalled) return { verdict: 'skip', seen: 'no HTTP Gateway is installed on this host' }
    if (problem !== undefined) return { verdict: 'skip', seen: 'the HTTP Gateway does not answer' }
    if (host === undefined) return { verdict: 'fail', seen: 'it has been told nothing yet' }
    if (silentSeconds === undefined)
      return { verdict: 'warn', seen: 'since its start it knows only what was saved on disk' }
    const seen = `told ${String(silentSeconds)} seconds ago`
    return { verdict: silentSeconds > LONG_SECONDS ? 'warn' : 'ok', seen }
  },
})
