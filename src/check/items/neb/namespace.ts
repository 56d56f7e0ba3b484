// NEB-003: Nebula runs in the network namespace with the containers' routes.

import { checkItem } from '../../item.ts'

export const namespace = checkItem({
  id: 'NEB-003',
  title: "Nebula runs in the host's network namespace",
  fault: 'Nebula runs in another network namespace',
  why:
    'The kernel that forwards for containers needs the nebula link, ' +
    'and cannot use one in another namespace.',
  causes: [
    "Nebula runs in a container without the host's network.",
    "This check runs outside the host's network namespace.",
  ],
  steps: ['run Nebula on the host itself, or its container with --network host'],
  needs: ['nebula'],
  after: ['NEB-001'],
  judge: ({ nebula: { processes, own } }) => {
    if (processes.length === 0) return { verdict: 'skip', seen: 'no Nebula process' }
    if (own !== undefined) return { verdict: 'ok', seen: `process ${String(own.pid)} is in this namespace` }
    const list = processes.map(({ pid }) => String(pid)).join(', ')
    return { verdict: 'fail', seen: `process ${list} is in another network namespace than this command` }
  },
})
