// NEB-005: MTUs fit into each other.

import { checkItem } from '../../item.ts'

// 1,500 bytes of Ethernet less 20 of IPv4, 8 of UDP and 32 of Nebula (header 16, tag 16).
const MOST_DIRECT = 1440

export const mtu = checkItem({
  id: 'NEB-005',
  title: 'MTU of the nebula link fits',
  why: 'Packets too large for the line are cut in two, and lost altogether where a router on the way drops the pieces.',
  causes: [
    'tun.mtu was raised without a line that carries it.',
    '"mtu" in the settings is larger than the nebula link\'s.',
  ],
  steps: ['set tun.mtu: 1300 in the configuration of Nebula on all hosts', 'systemctl restart nebula@config'],
  needs: ['nebula'],
  after: ['NEB-001', 'NEB-004'],
  judge: ({ nebula: { link, containerMtuBytes } }) => {
    if (link === undefined) return { verdict: 'skip', seen: 'there is no nebula link' }
    const [own, theirs] = [String(link.mtuBytes), String(containerMtuBytes)]
    if (link.mtuBytes > MOST_DIRECT) {
      return {
        verdict: 'warn',
        seen: `${link.name} has ${own} bytes; over Ethernet ${String(MOST_DIRECT)} fit`,
      }
    }
    if (containerMtuBytes > link.mtuBytes) {
      return {
        verdict: 'warn',
        seen: `containers have ${theirs} bytes, ${link.name} has ${own}`,
        next: ['remove "mtu" from /etc/flatnet/flatnet.json, and restart the containers'],
      }
    }
    return { verdict: 'ok', seen: `${link.name} ${own} bytes, containers ${theirs}` }
  },
})
