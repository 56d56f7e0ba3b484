// AGENT-013: the registry is on disk.

import { checkItem } from '../../item.ts'

export const registrySaved = checkItem({
  id: 'AGENT-013',
  title: 'registry can be written',
  fault: 'registry cannot be written',
  why: 'A restarted agent knows the containers of the other hosts from its disk until they tell them again.',
  causes: ['The file system of that folder is full or read-only.', 'A file has the name of that folder.'],
  steps: ['df -h /var/lib/flatnet', 'ls -ld /var/lib/flatnet /var/lib/flatnet/registry'],
  needs: ['agent'],
  after: ['SYS-015', 'AGENT-001', 'AGENT-008'],
  judge: ({ agent: { status } }) => {
    if (status === undefined) return { verdict: 'skip', seen: 'the agent does not answer' }
    if (status.registry === undefined) return { verdict: 'skip', seen: 'the agent does not report it' }
    const { diskProblem } = status.registry
    return diskProblem === null
      ? { verdict: 'ok', seen: 'the agent has written what it knows' }
      : { verdict: 'warn', seen: diskProblem }
  },
})
