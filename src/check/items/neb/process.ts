// NEB-001: Nebula runs.

import { NEBULA } from '../../../nebula/service.ts'
import { checkItem } from '../../item.ts'

export const nebulaProcess = checkItem({
  id: 'NEB-001',
  title: 'Nebula runs',
  fault: 'Nebula is not running',
  why:
    'Without Nebula there is no direct path to any host: all traffic takes the gateway path, ' +
    'or nothing passes at all.',
  causes: [
    'The service was not enabled, so it did not start with the machine or with WSL2.',
    'Nebula exited; its log says why (a wrong configuration, an expired certificate).',
  ],
  steps: [NEBULA.start, NEBULA.log],
  needs: ['nebula'],
  judge: ({ nebula: { processes, own } }) => {
    if (own !== undefined) {
      const where = own.isContained ? ' in a container' : ''
      return {
        verdict: 'ok',
        seen: `process ${String(own.pid)}, ${own.executable} ${own.version ?? ''}`.trimEnd() + where,
      }
    }
    if (processes.length > 0)
      return {
        verdict: 'ok',
        seen: `${String(processes.length)} processes, none of them in this network namespace`,
      }
    return { verdict: 'fail', seen: 'no Nebula process' }
  },
})
