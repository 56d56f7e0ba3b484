// HTTP-010: nginx has memory left for names.

import { checkItem } from '../../item.ts'

// flatnet_hosts has 32 MiB (src/http-gateway/render.ts), and 10,000 names need 5 MB.
const LOW_BYTES = 4 * 1024 * 1024

export const memory = checkItem({
  id: 'HTTP-010',
  title: 'nginx has memory for names',
  fault: 'nginx is short of memory for names',
  why: 'What does not fit is refused, and the containers known before stay: new ones are not found.',
  causes: ['The office has far more than 10,000 containers that HTTP may reach.'],
  steps: [
    'flatnet-cni http-gateway status',
    'set httpGateway.reach to "label", so that fewer containers are told',
  ],
  needs: ['httpGateway'],
  after: ['HTTP-002'],
  judge: ({ httpGateway: { isInstalled, problem, freeBytes } }) => {
    if (!isInstalled) return { verdict: 'skip', seen: 'no HTTP Gateway is installed on this host' }
    if (problem !== undefined || freeBytes === undefined)
      return { verdict: 'skip', seen: 'the HTTP Gateway does not answer' }
    const seen = `${(freeBytes / 1_048_576).toFixed(1)} MiB of 32 are free`
    return { verdict: freeBytes < LOW_BYTES ? 'warn' : 'ok', seen }
  },
})
