// IPAM-011: the bridge keeps its MAC address, forwards frames as soon as a container is attached, and ignores
// containers that claim to be routers.

import type { BridgeFacts } from '../../facts/bridge.ts'
import { checkItem, type Finding } from '../../item.ts'

export const bridgeTraits = checkItem({
  id: 'IPAM-011',
  title: 'bridge has a fixed MAC, runs no spanning tree and ignores router advertisements',
  fault: 'bridge accepts router advertisements',
  why:
    'With the spanning tree protocol each new container is silent for twice the forward delay, 30 s. ' +
    "Without a fixed MAC the bridge takes one of its ports' MACs: when that container ends, " +
    'the others lose their gateway for up to 15 s. A host that accepts router advertisements from the ' +
    'bridge sends its IPv6 traffic through any container that claims to be a router.',
  causes: [
    'NetworkManager, systemd-networkd or netplan made the bridge, or changed it since the last ADD.',
    'A script enabled STP on all bridges, or sysctl --system set accept_ra again.',
  ],
  steps: ['flatnet-cni sync'],
  needs: ['bridge'],
  after: ['IPAM-005', 'IPAM-007'],
  judge: ({ bridge }): Finding | readonly Finding[] => {
    const { name, exists, mac, wantedMac, hasStp, obstacle, acceptsAdvertisements } = bridge
    if (!exists || obstacle !== undefined)
      return { verdict: 'skip', subject: name, seen: 'there is no bridge yet' }
    const found = [
      ...(hasStp ? [stp(bridge)] : []),
      ...(mac === wantedMac || mac === undefined || wantedMac === undefined
        ? []
        : [
            {
              verdict: 'warn' as const,
              fault: 'bridge has the wrong MAC address',
              seen: `${name} has MAC ${mac} instead of ${wantedMac}`,
            },
          ]),
      ...(acceptsAdvertisements
        ? [{ verdict: 'fail' as const, seen: `net.ipv6.conf.${name}.accept_ra is not 0` }]
        : []),
    ]
    return found.length > 0
      ? found
      : { verdict: 'ok', subject: name, seen: `MAC ${mac ?? 'unknown'}, no STP, accept_ra 0` }
  },
  fix: ({ bridge: { name, otherPorts } }) =>
    otherPorts.length > 0
      ? undefined
      : {
          kind: 'sync',
          arguments: [],
          what: `set the MAC of ${name}, disable STP and accept_ra (flatnet-cni sync)`,
          undo: 'not needed: every container start does the same',
        },
})

// With foreign ports STP may be breaking a loop: the administrator who connected them must decide.
function stp({ name, otherPorts }: BridgeFacts): Finding {
  const fault = 'bridge runs the spanning tree protocol'
  const seen = 'STP is on: each new container is silent for twice the forward delay'
  if (otherPorts.length === 0) return { verdict: 'fail', fault, subject: name, seen }
  return {
    verdict: 'warn',
    fault,
    subject: name,
    seen: `${seen}; ${otherPorts.join(', ')} is also a port of the bridge, so flatnet leaves STP on`,
    next: [
      `where no loop is possible: ip link set dev ${name} type bridge stp_state 0`,
      'or set another bridge for containers: "bridge" in /etc/flatnet/flatnet.json',
    ],
  }
}
