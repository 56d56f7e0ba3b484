// CERT-018: no renewed certificate waits for consent.

import { checkItem } from '../../item.ts'

export const renewalItem = checkItem({
  id: 'CERT-018',
  title: 'no renewed certificate waits',
  fault: 'a renewed certificate waits for your consent',
  why:
    'The office has signed a certificate for this host that changes more than its time, so the agent does ' +
    'not take it by itself. Until it is accepted, the present certificate counts, which ends earlier.',
  causes: ['The office gave this host other groups: host renew NAME --group GROUP.'],
  steps: [
    'flatnet-cni host accept',
    'if you do not want it: ask for a certificate as before where the office is',
  ],
  needs: ['renewal'],
  after: ['CERT-001', 'CERT-002', 'CERT-004', 'CERT-005', 'CERT-008'],
  judge: ({ renewal: { differences } }) =>
    differences.length === 0
      ? { verdict: 'ok', seen: 'none' }
      : { verdict: 'warn', seen: differences.join('; ') },
})
