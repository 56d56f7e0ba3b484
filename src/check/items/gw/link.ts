// GW-003: the gateway path does not run through Nebula, unless the gateway is a Nebula host.

import { contains, networkOf, parsePrefix } from '../../../addr/prefix.ts'
import { parseIp } from '../../../addr/ip.ts'
import { checkItem } from '../../item.ts'

export const link = checkItem({
  id: 'GW-003',
  title: 'gateway path does not run through Nebula',
  fault: 'gateway path runs through Nebula',
  why: 'A fallback through the tunnel that it stands in for fails together with it.',
  causes: ['gateway.dev names the nebula link.', 'Another VPN has its default route there.'],
  steps: ['set "gateway": {"via": "auto", "dev": "eth0"} in /etc/flatnet/flatnet.json', 'flatnet-cni sync'],
  needs: ['gateway'],
  after: ['SYS-001'],
  judge: ({ gateway: { hops, nebulaDev, overlay } }) => {
    if (hops.length === 0) return { verdict: 'skip', seen: 'there is no gateway path' }
    const networks = overlay.flatMap((text) => parsePrefix(text) ?? []).map(networkOf)
    const through = hops.filter(({ dev }) => dev === nebulaDev)
    const wrong = through.filter(({ via }) => {
      const ip = via === undefined ? undefined : parseIp(via)
      return ip === undefined || !networks.some((network) => contains(network, ip))
    })
    if (wrong.length > 0) {
      return {
        verdict: 'fail',
        seen: wrong
          .map(({ via, dev }) => `${via ?? 'the gateway hop'} on ${dev} is not a Nebula host`)
          .join('; '),
      }
    }
    if (through.length > 0)
      return {
        verdict: 'ok',
        seen: `${through.map(({ via }) => via).join(', ')} is a gateway host inside Nebula`,
      }
    return {
      verdict: 'ok',
      seen: hops.map(({ via, dev }) => (via === undefined ? dev : `${via} on ${dev}`)).join(', '),
    }
  },
})
