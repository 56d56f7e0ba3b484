// CERT-016: both versions of the host certificate agree.

import { checkItem, type Finding } from '../../item.ts'

export const versionsItem = checkItem({
  id: 'CERT-016',
  title: 'both versions of the host certificate agree',
  fault: 'the two versions of the host certificate differ',
  why:
    'Older hosts read version 1 and newer ones version 2. ' +
    'Where they differ, half of the network sees another host with other subnets.',
  causes: ['One of the two blocks was signed again, the other was not.'],
  steps: ['sign both with the same name, first address, subnets and groups; put version 1 first in the file'],
  needs: ['certificates'],
  after: ['CERT-004'],
  judge: ({ certificates: { host, warnings } }): Finding | readonly Finding[] => {
    if (host.certificates.length === 0) return []
    if (warnings.length > 0) return warnings.map((seen): Finding => ({ verdict: 'warn', seen }))
    return {
      verdict: 'ok',
      seen: host.certificates.map(({ version }) => `version ${String(version)}`).join(' and '),
    }
  },
})
