// WSL-003: systemd.

import { checkItem } from '../../item.ts'

export const systemdItem = checkItem({
  id: 'WSL-003',
  title: 'systemd runs in this distribution',
  why: 'Without it nothing starts Nebula, the agent and the containers when WSL starts, and nothing starts them again when they end.',
  causes: ['/etc/wsl.conf does not say [boot] systemd=true, or WSL was not shut down since.'],
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
          seen: '/etc/wsl.conf asks for systemd, and it does not run',
          next: ['PowerShell: wsl --shutdown'],
        }
      : { verdict: 'warn', seen: '/etc/wsl.conf does not ask for systemd' }
  },
})
