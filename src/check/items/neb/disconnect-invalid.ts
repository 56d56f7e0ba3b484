// NEB-008: Nebula disconnects hosts whose certificate expires.

import { NEBULA } from '../../../nebula/service.ts'
import { checkItem } from '../../item.ts'
import { isAtLeast } from '../../../program-version.ts'

export const disconnectInvalid = checkItem({
  id: 'NEB-008',
  title: 'tunnels end when a certificate expires',
  fault: 'tunnels survive an expired certificate',
  why:
    'A host whose certificate has expired or was blocked keeps its tunnel, ' +
    'and its containers stay reachable.',
  causes: ['pki.disconnect_invalid is false, which was the default before Nebula 1.8.'],
  steps: ['set pki.disconnect_invalid: true in the configuration of Nebula', NEBULA.restart],
  needs: ['nebulaConfig', 'nebula'],
  after: ['NEB-006'],
  judge: ({ nebulaConfig: { pki }, nebula: { own } }) => {
    const { disconnectInvalid: set } = pki
    if (set === true) return { verdict: 'ok', seen: 'pki.disconnect_invalid is true' }
    if (set === false) return { verdict: 'warn', seen: 'pki.disconnect_invalid is false' }
    if (own?.version === undefined)
      return {
        verdict: 'skip',
        seen: 'not set; the default depends on the version of Nebula, which is unknown',
      }
    return isAtLeast(own.version, '1.8.0')
      ? { verdict: 'ok', seen: `true by default in ${own.version}` }
      : { verdict: 'warn', seen: `not set, and false by default in ${own.version}` }
  },
})
