// What `ip -details -json link show` reports about the bridge, or about another link that has its name.

import { parseShown } from './show.ts'

/** The relevant details of one link. */
export interface LinkDetails {
  readonly name: string
  /** "bridge", "veth", "tun"; undefined for hardware. */
  readonly kind: string | undefined
  readonly mac: string | undefined
  /** Whether the link runs the spanning tree protocol (IEEE 802.1D), in the kernel or in user space. */
  readonly hasStp: boolean
  /** As a port: "forwarding", or how far the spanning tree protocol has let it come. */
  readonly portState: string | undefined
}

interface Shown {
  readonly ifname: string
  readonly address?: string
  readonly linkinfo?: {
    readonly info_kind?: string
    readonly info_data?: { readonly stp_state?: number }
    readonly info_slave_data?: { readonly state?: string }
  }
}

/** Parses the list. Undefined text means that the link does not exist. */
export function parseLinkDetails(text: string | undefined): readonly LinkDetails[] {
  return parseShown<Shown>(text).map(({ ifname, address, linkinfo }) => ({
    name: ifname,
    kind: linkinfo?.info_kind,
    mac: address,
    hasStp: (linkinfo?.info_data?.stp_state ?? 0) !== 0,
    portState: linkinfo?.info_slave_data?.state,
  }))
}

/** Describes what occupies the bridge's name. Returns undefined if it is a bridge. */
export function whatHasTheName(bridge: string, found: LinkDetails): string | undefined {
  if (found.name !== bridge) return `${bridge} is an alternative name of the link ${found.name}`
  return found.kind === 'bridge'
    ? undefined
    : `${bridge} exists but is not a bridge (${found.kind ?? 'a link without kind'})`
}

/** Returns the command that frees the name. */
export function freeTheName(bridge: string, found: LinkDetails): string {
  return found.name === bridge
    ? `ip link delete dev ${bridge}`
    : `ip link property delete dev ${found.name} altname ${bridge}`
}
