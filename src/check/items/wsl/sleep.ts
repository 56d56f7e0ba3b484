// WSL-009: the clock has not jumped because Windows slept.

import { NEBULA } from '../../../nebula/service.ts'
import { checkItem, type Finding } from '../../item.ts'

export const sleepItem = checkItem({
  id: 'WSL-009',
  title: 'clock has not jumped since the last check',
  fault: 'clock has jumped since the last check',
  why:
    "WSL stops while Windows sleeps. Afterwards Nebula's tunnels are dead until they are rebuilt, " +
    'and addresses may have changed.',
  causes: ['Windows was asleep or hibernated.'],
  steps: [
    'if peers stay unreachable for more than a minute:',
    NEBULA.restart,
    'powercfg /change standby-timeout-ac 0   # in PowerShell, for a machine that others need',
  ],
  needs: ['wsl'],
  inWslOnly: true,
  judge: ({ wsl: { memory } }): Finding => {
    const { jumpedSeconds } = memory
    if (jumpedSeconds === 0) return { verdict: 'ok', seen: 'no jump' }
    return {
      verdict: 'warn',
      seen: `the clock jumped forward by ${String(jumpedSeconds)} seconds`,
    }
  },
})
