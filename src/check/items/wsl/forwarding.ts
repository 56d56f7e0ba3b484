// WSL-011: Windows can forward packets to other hosts.

import { formatPrefix } from '../../../addr/prefix.ts'
import type { WindowsTask } from '../../facts/wsl.ts'
import { checkItem, type Finding } from '../../item.ts'

// The task runs every minute; a machine that wakes up is given time.
const LATE_SECONDS = 600

export const windowsForwardingItem = checkItem({
  id: 'WSL-011',
  title: 'Windows can be the gateway to other hosts',
  fault: 'Windows does not forward to other hosts',
  why:
    'In nat mode the gateway path leads through Windows, which forwards only when told to, ' +
    'and forgets the setting at every start.',
  causes: [
    'Windows was never set up for this host, or the setup script was not run yet.',
    'The task flatnet\\sync does not run, or a step of it fails.',
  ],
  steps: [
    'flatnet-cni join FROM --windows run   # FROM as this host was joined; docs/windows.md',
    'PowerShell as administrator: Start-ScheduledTask -TaskPath \\flatnet\\ -TaskName sync',
    'or by hand, after each start of Windows:',
    'PowerShell as administrator: Get-NetIPInterface -AddressFamily IPv4 | Set-NetIPInterface ' +
      '-Forwarding Enabled',
    'PowerShell as administrator, for each other host: New-NetRoute -DestinationPrefix ITS-SUBNET ' +
      '-NextHop ITS-LAN-ADDRESS -InterfaceAlias Ethernet',
    'to undo it: Get-NetIPInterface -AddressFamily IPv4 | Set-NetIPInterface -Forwarding Disabled',
  ],
  needs: ['wsl', 'settings', 'identity'],
  inWslOnly: true,
  judge: ({ wsl: { mode, windowsTask }, settings: { gateway, peerGateways }, identity }): Finding => {
    if (mode !== 'nat') return { verdict: 'ok', seen: `networking mode ${mode}` }
    if (gateway.via === 'none' && peerGateways.size === 0)
      return { verdict: 'ok', seen: 'no gateway path is configured' }
    if (windowsTask !== undefined) return judgeTask(windowsTask)
    const subnets = identity.subnets.map(formatPrefix).join(', ')
    return {
      verdict: 'skip',
      seen: `WSL cannot see it: Windows must forward ${subnets} to this host (--explain WSL-011)`,
    }
  },
})

function judgeTask(task: WindowsTask): Finding {
  switch (task.kind) {
    case 'absent':
      return {
        verdict: 'warn',
        seen: 'the setup script was not run on Windows, or the task has not run yet',
        next: [
          'in Windows, PowerShell as administrator: run /etc/flatnet/windows-setup.ps1 (docs/windows.md)',
        ],
      }
    case 'unreadable':
      return { verdict: 'warn', seen: task.why }
    case 'ran': {
      const [problem] = task.problems
      if (problem !== undefined) return { verdict: 'warn', seen: `the task flatnet\\sync says: ${problem}` }
      const ago = `${String(task.secondsAgo)} seconds ago`
      return task.secondsAgo > LATE_SECONDS
        ? { verdict: 'warn', seen: `the task flatnet\\sync last ran ${ago}, and should every minute` }
        : { verdict: 'ok', seen: `the task flatnet\\sync ran ${ago} without a problem` }
    }
  }
}
