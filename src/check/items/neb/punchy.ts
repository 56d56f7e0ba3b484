// NEB-019: Nebula keeps firewalls and NAT along the way open.

import { NEBULA } from '../../../nebula/service.ts'
import { checkItem } from '../../item.ts'

export const punchy = checkItem({
  id: 'NEB-019',
  title: 'Nebula keeps NAT open',
  fault: 'Nebula does not keep NAT open',
  why:
    "Windows' NAT and firewalls forget an idle UDP flow within a minute or two; " +
    'the direct path is then lost until this host sends again.',
  causes: ['punchy.punch is not true; false is the default.'],
  steps: ['set punchy: {punch: true, respond: true} in the configuration of Nebula', NEBULA.reload],
  needs: ['nebulaConfig'],
  after: ['NEB-006'],
  judge: ({
    nebulaConfig: {
      punchy: { punch, respond },
    },
  }) => {
    if (punch !== true) return { verdict: 'warn', seen: 'punchy.punch is not true' }
    return {
      verdict: 'ok',
      seen: respond === true ? 'punch and respond' : 'punch; respond: true helps behind symmetric NAT',
    }
  },
})
