// The addresses by which hosts on the LAN may reach this machine.

import { ipShow } from '../../exec/network/ip.ts'
import { parseShown, type ShownLink } from '../../ip/show.ts'
import { lanAddresses } from '../../provision/enrolment/lan-addresses.ts'

interface ShownRoute {
  readonly dev?: string
}

/** Returns IPv4 addresses, the likeliest first. */
export async function ownAddresses(): Promise<readonly string[]> {
  const links = parseShown<ShownLink>(await ipShow(['-4', 'address', 'show']))
  const [route] = parseShown<ShownRoute>(await ipShow(['-4', 'route', 'show', 'default']))
  return lanAddresses(links, route?.dev)
}
