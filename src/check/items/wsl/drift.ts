// WSL-006: the address that Windows gives may change.

import { checkItem, type Finding } from '../../item.ts'

export const driftItem = checkItem({
  id: 'WSL-006',
  title: 'address and gateway are those of last time',
  why: 'Windows routes, port proxies and the peerGateways of other hosts name this address: after a change they lead nowhere.',
  causes: ['In the mode nat Windows chooses another network when the old one collides with a LAN or a VPN.'],
  steps: [
    'PowerShell as administrator: netsh interface portproxy show all   # and set anew what has the old address',
    'PowerShell as administrator: Get-NetRoute | Where-Object NextHop -eq OLD | Remove-NetRoute; New-NetRoute -DestinationPrefix SUBNET -NextHop NEW -InterfaceIndex (Get-NetIPInterface -AddressFamily IPv4 -InterfaceAlias "vEthernet (WSL*").ifIndex',
    'flatnet-cni sync',
  ],
  needs: ['wsl'],
  after: ['WSL-005'],
  inWslOnly: true,
  judge: ({ wsl: { memory } }): Finding | readonly Finding[] => {
    const { now, earlier } = memory
    if (now === undefined) return []
    const text = `${now.address} by way of ${now.gateway}`
    if (earlier === undefined) return { verdict: 'ok', seen: text }
    return { verdict: 'warn', seen: `${text}; it was ${earlier.address} by way of ${earlier.gateway}` }
  },
})
