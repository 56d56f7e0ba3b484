// NEB-003: it runs where the containers' routes are.

import { checkItem } from '../../item.ts'

export const namespace = checkItem({
  id: 'NEB-003',
  title: "nebula runs in the host's network namespace",
  why: 'The kernel that forwards for the containers has to have the nebula link; in a namespace of its own it is out of reach.',
  causes: [
    "Nebula runs in a container without the host's network.",
    "This check runs in another namespace than the host's.",
  ],
  steps: ['run Nebula on the host itself, or its container with --network host'],
  needs: ['nebula'],
  after: ['NEB-001'],
  judge: ({ nebula: { processes, own } }) => {
    if (processes.length === 0) return { verdict: 'skip', seen: 'no process of Nebula' }
    if (own !== undefined) return { verdict: 'ok', seen: `process ${String(own.pid)} is in this namespace` }
    const list = processes.map(({ pid }) => String(pid)).join(', ')
    return { verdict: 'fail', seen: `Nebula runs in another network namespace (process ${list})` }
  },
})
