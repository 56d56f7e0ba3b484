// WSL-009: Windows slept.

import { checkItem, type Finding } from '../../item.ts'

export const sleepItem = checkItem({
  id: 'WSL-009',
  title: 'clock has not jumped since the last look',
  why: "WSL stands still while Windows sleeps. Afterwards Nebula's tunnels are dead until they are made anew, and addresses may have changed.",
  causes: ['Windows was asleep or hibernated.'],
  steps: [
    'systemctl restart nebula@config, when peers stay away for more than a minute',
    'powercfg /change standby-timeout-ac 0   # in PowerShell, for a machine that others need',
  ],
  needs: ['wsl'],
  inWslOnly: true,
  judge: ({ wsl: { memory } }): Finding => {
    const { jumpedSeconds } = memory
    if (jumpedSeconds === 0) return { verdict: 'ok', seen: 'it runs evenly' }
    return {
      verdict: 'warn',
      seen: `the clock was put forward by ${String(jumpedSeconds)} seconds since the last check`,
    }
  },
})
