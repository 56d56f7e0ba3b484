// WSL-008: name resolution works.

import { checkItem, type Finding } from '../../item.ts'

export const resolverItem = checkItem({
  id: 'WSL-008',
  title: 'name servers are configured',
  fault: 'no name server is configured',
  why: "Containers get their name servers from the host's resolv.conf, and lighthouses may be given by name.",
  causes: [
    'generateResolvConf=false in /etc/wsl.conf, and the file was never written.',
    '/etc/resolv.conf is a link to a file that systemd-resolved or resolvconf would write, but neither runs.',
  ],
  steps: [
    'rm /etc/resolv.conf; remove generateResolvConf=false from /etc/wsl.conf; PowerShell: wsl --shutdown',
    'or: echo nameserver 192.0.2.1 >/etc/resolv.conf   # with the address of your name server',
  ],
  needs: ['wsl'],
  inWslOnly: true,
  judge: ({ wsl: { resolver } }): Finding => {
    const { path, problem, nameservers } = resolver
    if (problem !== undefined) return { verdict: 'warn', seen: `${path}: ${problem}` }
    if (nameservers.length === 0) return { verdict: 'warn', seen: `${path} names no server` }
    // WSL itself answers on this address, on behalf of Windows (dnsTunneling).
    const isTunnel = nameservers.includes('10.255.255.254')
    return { verdict: 'ok', seen: `${nameservers.join(', ')}${isTunnel ? ' (dnsTunneling)' : ''}` }
  },
})
