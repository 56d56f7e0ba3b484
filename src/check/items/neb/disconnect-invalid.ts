// NEB-008: hosts whose certificate ends are cut off.

import { checkItem } from '../../item.ts'
import { isAtLeast } from '../../version.ts'

export const disconnectInvalid = checkItem({
  id: 'NEB-008',
  title: 'tunnels end with their certificate',
  why: 'Otherwise a host whose certificate has expired or was blocked keeps its tunnel, and its containers stay reachable.',
  causes: ['pki.disconnect_invalid is false; it was so by default before Nebula 1.8.'],
  steps: [
    'set pki.disconnect_invalid: true in the configuration of Nebula',
    'systemctl restart nebula@config',
  ],
  needs: ['nebulaConfig', 'nebula'],
  after: ['NEB-006'],
  judge: ({ nebulaConfig: { pki }, nebula: { own } }) => {
    const { disconnectInvalid: set } = pki
    if (set === true) return { verdict: 'ok', seen: 'pki.disconnect_invalid is true' }
    if (set === false) return { verdict: 'warn', seen: 'pki.disconnect_invalid is false' }
    if (own?.version === undefined)
      return { verdict: 'skip', seen: 'not set, and the default depends on the version, which is not known' }
    return isAtLeast(own.version, '1.8.0')
      ? { verdict: 'ok', seen: `true by default in ${own.version}` }
      : { verdict: 'warn', seen: `not set, and false by default in ${own.version}` }
  },
})
