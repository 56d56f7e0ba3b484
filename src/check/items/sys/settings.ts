// SYS-001: the settings file.

import { checkItem } from '../../item.ts'

export const settingsItem = checkItem({
  id: 'SYS-001',
  title: 'settings file is right',
  why: 'Every ADD reads it; while it is wrong no container gets a network, and most other checks cannot look.',
  causes: [
    'A key was misspelt or a value is of the wrong kind.',
    'An editor left a half-written file behind.',
  ],
  steps: ['correct /etc/flatnet/flatnet.json; without the file every key has its default'],
  needs: ['settingsFile'],
  pre: true,
  judge: ({ settingsFile: { path, isThere, problem } }) => {
    if (problem !== undefined) return { verdict: 'fail', seen: problem, next: [`correct ${path}`] }
    return { verdict: 'ok', seen: isThere ? path : `${path} is not there, every key has its default` }
  },
})
