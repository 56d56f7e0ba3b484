// AGENT-004: the agent could do what it wanted.

import { checkItem } from '../../item.ts'

export const trouble = checkItem({
  id: 'AGENT-004',
  title: 'agent has no trouble of its own',
  why: 'What it could not do to routes, addresses or files is missing: the paths are not what it believes.',
  causes: ['A program or file is missing, or the disk is full.', 'Somebody else changes the same routes.'],
  steps: ['journalctl -u flatnet-agent -n 20'],
  needs: ['agent'],
  after: ['AGENT-001', 'SYS-001', 'CERT-001', 'CERT-002', 'CERT-003', 'CERT-004', 'CERT-005', 'CERT-010'],
  judge: ({ agent: { status } }) => {
    if (status === undefined) return { verdict: 'skip', seen: 'it does not answer' }
    return status.lastError === null
      ? { verdict: 'ok', seen: 'it reports none' }
      : { verdict: 'fail', seen: status.lastError }
  },
})
