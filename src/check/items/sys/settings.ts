// SYS-001: the settings file is valid.

import { checkItem } from '../../item.ts'

export const settingsItem = checkItem({
  id: 'SYS-001',
  title: 'settings file is valid',
  fault: 'settings file is not valid',
  why:
    'Every ADD reads it; while it is not valid, no container gets a network and most other ' +
    'checks cannot run.',
  causes: ['A key is misspelt, or a value has the wrong type.', 'An editor left a half-written file behind.'],
  steps: ['correct /etc/flatnet/flatnet.json; without the file every key has its default'],
  needs: ['settingsFile'],
  pre: true,
  judge: ({ settingsFile: { path, isThere, problem } }) => {
    if (problem !== undefined) return { verdict: 'fail', seen: problem, next: [`correct ${path}`] }
    return { verdict: 'ok', seen: isThere ? path : `${path} does not exist; every key has its default` }
  },
})
