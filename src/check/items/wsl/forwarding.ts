// WSL-011: Windows can forward packets to other hosts.

import { formatPrefix } from '../../../addr/prefix.ts'
import { checkItem, type Finding } from '../../item.ts'

export const windowsForwardingItem = checkItem({
  id: 'WSL-011',
  title: 'Windows can be the gateway to other hosts',
  fault: 'Windows does not forward to other hosts',
  why:
    'In nat mode the gateway path leads through Windows, which forwards only when told to, ' +
    'and forgets the setting at every start.',
  causes: ['Forwarding was never enabled, or Windows was restarted since.'],
  steps: [
    'PowerShell as administrator: Get-NetIPInterface -AddressFamily IPv4 | Set-NetIPInterface ' +
      '-Forwarding Enabled',
    'PowerShell as administrator, for each other host: New-NetRoute -DestinationPrefix ITS-SUBNET ' +
      '-NextHop ITS-LAN-ADDRESS -InterfaceAlias Ethernet',
    'to undo it: Get-NetIPInterface -AddressFamily IPv4 | Set-NetIPInterface -Forwarding Disabled',
  ],
  needs: ['wsl', 'settings', 'identity'],
  inWslOnly: true,
  judge: ({ wsl: { mode }, settings: { gateway, peerGateways }, identity }): Finding => {
    if (mode !== 'nat') return { verdict: 'ok', seen: `networking mode ${mode}` }
    if (gateway.via === 'none' && peerGateways.size === 0)
      return { verdict: 'ok', seen: 'no gateway path is configured' }
    const subnets = identity.subnets.map(formatPrefix).join(', ')
    return {
      verdict: 'skip',
      seen: `WSL cannot see it: Windows must forward ${subnets} to this host (--explain WSL-011)`,
    }
  },
})
