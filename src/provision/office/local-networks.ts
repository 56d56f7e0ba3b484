// Refuses networks of an office that meet networks in use on the machine that makes it.

import { formatPrefix, networkOf, overlaps, parsePrefix, type Prefix } from '../../addr/prefix.ts'
import { CniCode, CniError } from '../../cni/error.ts'
import type { FamilyPlan } from './network-plan.ts'

/** A network in use here: of an address of a link, or with a route. */
export interface LocalNetwork {
  readonly network: Prefix
  readonly link: string
}

/** @throws CniError AddressTaken that names the network, its link and the option to choose another */
export function refuseLocalOverlap(families: readonly FamilyPlan[], local: readonly LocalNetwork[]): void {
  for (const { overlay, pool } of families)
    for (const [option, ours] of [
      ['--overlay', overlay],
      ['--pool', pool],
    ] as const)
      for (const { network, link } of local) {
        // A default route, or half of one as VPNs set it, contains every network.
        if (network.length <= 1 || !overlaps(network, ours)) continue
        throw new CniError(
          CniCode.AddressTaken,
          'network in use',
          `${formatPrefix(ours)} overlaps ${formatPrefix(networkOf(network))} on ` +
            `${link}${ownerOf(link)}: choose another with ${option}`,
        )
      }
}

const OWNERS: readonly (readonly [RegExp, string])[] = [
  [/^(docker|br-)/, ' (Docker)'],
  [/^(podman|cni-podman)/, ' (podman)'],
  [/^(tun|tap|wg|ppp|tailscale|zt|utun|nordlynx)/, ' (a VPN)'],
  [/^nebula/, ' (Nebula)'],
  [/^flatnet/, ' (flatnet itself: this machine is in an office already)'],
  [/^(virbr|vmnet|vboxnet)/, ' (virtual machines)'],
]

function ownerOf(link: string): string {
  return OWNERS.find(([pattern]) => pattern.test(link))?.[1] ?? ''
}

/** A network that hosts often have without this machine showing it. */
interface Usual {
  readonly network: string
  readonly of: string
}

// docs.docker.com, "Networking overview"; Microsoft, "Accessing network applications with WSL" (NAT mode
// takes a /20 of 172.16.0.0/12); RFC 6598 for Tailscale's addresses.
const USUAL: readonly Usual[] = [
  { network: '172.17.0.0/16', of: "Docker's bridge" },
  { network: '172.16.0.0/12', of: "WSL2's NAT mode" },
  { network: '100.64.0.0/10', of: 'Tailscale and carrier NAT' },
  { network: '10.88.0.0/16', of: "podman's bridge" },
]

/** Returns sentences about networks that may be in use on other hosts. */
export function usualOverlaps(families: readonly FamilyPlan[]): readonly string[] {
  return families.flatMap(({ overlay, pool }) =>
    [overlay, pool].flatMap((ours) =>
      USUAL.flatMap(({ network, of }) => {
        const usual = parsePrefix(network)
        return usual !== undefined && overlaps(usual, ours)
          ? [`${formatPrefix(ours)} overlaps ${network}, which ${of} takes on many machines`]
          : []
      }),
    ),
  )
}
