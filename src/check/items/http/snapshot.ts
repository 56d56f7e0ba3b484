// HTTP-007: the file from which nginx starts is what nginx holds.

import { checkItem } from '../../item.ts'

export const snapshot = checkItem({
  id: 'HTTP-007',
  title: 'state on disk is up to date',
  fault: 'state on disk is stale',
  why: 'An nginx that starts before the agent serves what the file says: old addresses, or nothing.',
  causes: [
    'The disk is full or read-only.',
    'The file was changed or removed by hand.',
    'The agent does not run.',
  ],
  steps: ['df -h /var/lib/flatnet', 'systemctl restart flatnet-agent'],
  needs: ['httpGateway'],
  after: ['HTTP-002', 'HTTP-005'],
  judge: ({ httpGateway: { isInstalled, problem, snapshotProblem } }) => {
    if (!isInstalled) return { verdict: 'skip', seen: 'no HTTP Gateway is installed on this host' }
    if (problem !== undefined) return { verdict: 'skip', seen: 'the HTTP Gateway does not answer' }
    return snapshotProblem === undefined
      ? { verdict: 'ok', seen: 'it is what nginx holds' }
      : { verdict: 'warn', seen: snapshotProblem }
  },
})
