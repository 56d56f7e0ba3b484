// NEB-019: firewalls and NAT on the way are kept open.

import { checkItem } from '../../item.ts'

export const punchy = checkItem({
  id: 'NEB-019',
  title: 'nebula keeps NAT open',
  why: "Windows' NAT and firewalls forget a silent UDP flow within a minute or two; then the direct path is lost until this host speaks.",
  causes: ['punchy.punch is not true; false is the default.'],
  steps: [
    'set punchy: {punch: true, respond: true} in the configuration of Nebula',
    'systemctl reload nebula@config',
  ],
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
