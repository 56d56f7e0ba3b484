// GW-003: the gateway path does not run through Nebula, unless the gateway is a host of it.

import { contains, networkOf, parsePrefix } from '../../../addr/prefix.ts'
import { parseIp } from '../../../addr/ip.ts'
import { checkItem } from '../../item.ts'

export const link = checkItem({
  id: 'GW-003',
  title: 'gateway path is apart from Nebula',
  why: 'A fallback through the very tunnel that it stands in for falls with it.',
  causes: ['gateway.dev names the nebula link.', 'Another VPN has put its default route there.'],
  steps: ['set "gateway": {"via": "auto", "dev": "eth0"} in /etc/flatnet/flatnet.json', 'flatnet-cni sync'],
  needs: ['gateway'],
  after: ['SYS-001'],
  judge: ({ gateway: { hops, nebulaDev, overlay } }) => {
    if (hops.length === 0) return { verdict: 'skip', seen: 'there is no gateway path' }
    const networks = overlay.flatMap((text) => parsePrefix(text) ?? []).map(networkOf)
    const through = hops.filter(({ dev }) => dev === nebulaDev)
    const wrong = through.filter(({ via }) => {
      const ip = parseIp(via)
      return ip === undefined || !networks.some((network) => contains(network, ip))
    })
    if (wrong.length > 0) {
      return {
        verdict: 'fail',
        seen: wrong
          .map(({ via, dev }) => `${via} is asked for on ${dev}, and is no host of Nebula`)
          .join('; '),
      }
    }
    if (through.length > 0)
      return {
        verdict: 'ok',
        seen: `${through.map(({ via }) => via).join(', ')} is a gateway host inside Nebula`,
      }
    return { verdict: 'ok', seen: hops.map(({ via, dev }) => `${via} on ${dev}`).join(', ') }
  },
})
