// WSL-005: Windows has given this host an address and a default route.

import { formatPrefix } from '../../../addr/prefix.ts'
import { defaultRoute } from '../../reading/default-route.ts'
import { checkItem, type Finding } from '../../item.ts'

export const networkItem = checkItem({
  id: 'WSL-005',
  title: 'this host has an address and a default route from Windows',
  fault: 'this host has no address or default route from Windows',
  why: 'Nebula and the gateway path both leave through them; without them no other host can be reached.',
  causes: [
    'After sleep or a change of network, Windows did not set them up again.',
    'A VPN or a firewall product blocks the virtual switch.',
  ],
  steps: [
    'PowerShell: wsl --shutdown, then start the distribution again',
    'PowerShell as administrator: Restart-Service hns',
  ],
  needs: ['wsl', 'links', 'routes'],
  inWslOnly: true,
  judge: ({ links, routes }): Finding => {
    const route = defaultRoute(routes)
    const link = links.find(({ name }) => name === (route?.dev ?? 'eth0'))
    const addresses = (link?.addresses ?? []).filter(({ family }) => family === 4).map(formatPrefix)
    if (link === undefined) return { verdict: 'fail', seen: 'there is no eth0 and no default route' }
    if (!link.isUp || addresses.length === 0)
      return { verdict: 'fail', seen: `${link.name} ${link.isUp ? 'has no address' : 'is down'}` }
    if (route === undefined)
      return {
        verdict: 'fail',
        seen: `${link.name} has ${addresses.join(', ')}, but there is no default route`,
      }
    return { verdict: 'ok', seen: `${link.name} ${addresses.join(', ')}` }
  },
})
