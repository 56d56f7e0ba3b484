// WSL-006: the address and gateway from Windows have not changed since the last check.

import { checkItem, type Finding } from '../../item.ts'

export const driftItem = checkItem({
  id: 'WSL-006',
  title: 'address and gateway have not changed since the last check',
  fault: 'address or gateway has changed since the last check',
  why:
    'After a change, Windows routes, port proxies and the peerGateways of other hosts lead to the ' +
    'old address.',
  causes: ['In nat mode, Windows chooses another network when the old one collides with a LAN or a VPN.'],
  steps: [
    'PowerShell as administrator: netsh interface portproxy show all   # then update what has ' +
      'the old address',
    'PowerShell as administrator: Get-NetRoute | Where-Object NextHop -eq OLD | Remove-NetRoute; ' +
      'New-NetRoute -DestinationPrefix SUBNET -NextHop NEW -InterfaceIndex (Get-NetIPInterface ' +
      '-AddressFamily IPv4 -InterfaceAlias "vEthernet (WSL*").ifIndex',
    'flatnet-cni sync',
  ],
  needs: ['wsl'],
  after: ['WSL-005'],
  inWslOnly: true,
  judge: ({ wsl: { memory } }): Finding | readonly Finding[] => {
    const { now, earlier } = memory
    if (now === undefined) return []
    const text = `${now.address} via ${now.gateway}`
    if (earlier === undefined) return { verdict: 'ok', seen: text }
    return { verdict: 'warn', seen: `${text}; it was ${earlier.address} via ${earlier.gateway}` }
  },
})
