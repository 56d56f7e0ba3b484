// AGENT-008: transitions can be kept.

import { checkItem } from '../../item.ts'

export const history = checkItem({
  id: 'AGENT-008',
  title: 'history of the paths can be written',
  why: 'Why a path was left last night can be read only from what was written down.',
  causes: ['The folder lies on a file system that is full or read-only.', 'Something else has its name.'],
  steps: ['df -h /var/lib/flatnet', 'ls -ld /var/lib/flatnet /var/lib/flatnet/history'],
  needs: ['agent'],
  after: ['SYS-015'],
  judge: ({
    agent: {
      history: { path, problem },
    },
  }) =>
    problem === undefined ? { verdict: 'ok', seen: path } : { verdict: 'warn', seen: `${path}: ${problem}` },
})
