// WSL-003: systemd runs in this distribution.

import { checkItem } from '../../item.ts'

export const systemdItem = checkItem({
  id: 'WSL-003',
  title: 'systemd runs in this distribution',
  fault: 'systemd does not run in this distribution',
  why:
    'Without systemd, nothing starts Nebula, the agent and the containers with WSL, ' +
    'and nothing restarts them.',
  causes: ['/etc/wsl.conf does not say [boot] systemd=true, or WSL was not shut down since it was added.'],
  steps: ["printf '[boot]\\nsystemd=true\\n' >>/etc/wsl.conf", 'PowerShell: wsl --shutdown'],
  needs: ['wsl'],
  pre: true,
  inWslOnly: true,
  judge: ({ wsl: { isSystemdRunning, systemdWanted } }) => {
    if (isSystemdRunning) return { verdict: 'ok', seen: 'systemd runs' }
    const wanted = systemdWanted?.toLowerCase() === 'true'
    return wanted
      ? {
          verdict: 'warn',
          seen: '/etc/wsl.conf asks for systemd, but it does not run',
          next: ['PowerShell: wsl --shutdown'],
        }
      : { verdict: 'warn', seen: '/etc/wsl.conf does not ask for systemd' }
  },
})
