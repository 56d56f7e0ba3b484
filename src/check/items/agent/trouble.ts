// AGENT-004: the agent reports no error.

import { checkItem } from '../../item.ts'

export const trouble = checkItem({
  id: 'AGENT-004',
  title: 'agent reports no error',
  fault: 'agent reports an error',
  why:
    'A route, address or file that the agent could not change is missing or stale, ' +
    'so traffic may take another path than the agent reports.',
  causes: ['A program or file is missing, or the disk is full.', 'Something else changes the same routes.'],
  steps: ['journalctl -u flatnet-agent -n 20'],
  needs: ['agent'],
  after: ['AGENT-001', 'SYS-001', 'CERT-001', 'CERT-002', 'CERT-003', 'CERT-004', 'CERT-005', 'CERT-010'],
  judge: ({ agent: { status } }) => {
    if (status === undefined) return { verdict: 'skip', seen: 'the agent does not answer' }
    return status.lastError === null
      ? { verdict: 'ok', seen: 'no error' }
      : { verdict: 'fail', seen: status.lastError }
  },
})
