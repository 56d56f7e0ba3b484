// Chooses the addresses of a machine that others on its LAN may reach.

import { isUp, type ShownLink } from '../../ip/show.ts'

// Networks inside one machine, and tunnels.
const INNER = /^(?:lo|docker|br-|cni|podman|virbr|veth|flatnet|nebula|tun|tap|wg|tailscale)/

/** Returns the addresses of the link with the default route, then the others. @param uplink its name */
export function lanAddresses(links: readonly ShownLink[], uplink: string | undefined): readonly string[] {
  const outer = links.filter((link) => isUp(link) && !INNER.test(link.ifname ?? ''))
  const first = outer.filter(({ ifname }) => ifname === uplink)
  const rest = outer.filter(({ ifname }) => ifname !== uplink)
  return [...first, ...rest].flatMap(({ addr_info = [] }) =>
    addr_info.flatMap(({ local, scope }) => (local === undefined || scope !== 'global' ? [] : [local])),
  )
}
