// NEB-005: the MTUs fit into each other.

import { NEBULA } from '../../../nebula/service.ts'
import { checkItem } from '../../item.ts'

// 1,500 bytes of Ethernet minus 20 for IPv4, 8 for UDP and 32 for Nebula (header 16, tag 16).
const MOST_DIRECT = 1440

export const mtu = checkItem({
  id: 'NEB-005',
  title: 'MTU of the nebula link fits',
  fault: 'MTU of the nebula link is too large',
  why:
    'Packets too large for the line are fragmented, and lost where a router on the way drops ' +
    'the fragments.',
  causes: [
    'tun.mtu was raised beyond what the line carries.',
    '"mtu" in the settings is larger than the MTU of the nebula link.',
  ],
  steps: ['set tun.mtu: 1300 in the configuration of Nebula on all hosts', NEBULA.restart],
  needs: ['nebula'],
  after: ['NEB-001', 'NEB-004'],
  judge: ({ nebula: { link, containerMtuBytes } }) => {
    if (link === undefined) return { verdict: 'skip', seen: 'there is no nebula link' }
    const [own, theirs] = [String(link.mtuBytes), String(containerMtuBytes)]
    if (link.mtuBytes > MOST_DIRECT) {
      return {
        verdict: 'warn',
        seen: `${link.name} has MTU ${own}; at most ${String(MOST_DIRECT)} fits over Ethernet`,
      }
    }
    if (containerMtuBytes > link.mtuBytes) {
      return {
        verdict: 'warn',
        fault: 'MTU of containers is larger than that of the nebula link',
        seen: `containers have MTU ${theirs}, ${link.name} has ${own}`,
        next: ['remove "mtu" from /etc/flatnet/flatnet.json, and restart the containers'],
      }
    }
    return { verdict: 'ok', seen: `${link.name} has MTU ${own}, containers ${theirs}` }
  },
})
