// AGENT-008: the agent can write the transition history.

import { checkItem } from '../../item.ts'

export const history = checkItem({
  id: 'AGENT-008',
  title: 'path history can be written',
  fault: 'path history cannot be written',
  why: 'The history is the only record of why a path was left last night.',
  causes: ['The file system of that folder is full or read-only.', 'A file has the name of that folder.'],
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
