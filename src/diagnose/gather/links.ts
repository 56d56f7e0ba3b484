// The links of our network namespace with their addresses, by one `ip`.

import { parseIp } from '../../addr/ip.ts'
import type { Prefix } from '../../addr/prefix.ts'
import type { Facts } from '../../check/facts.ts'
import type { LinkFacts } from '../../check/facts/links.ts'
import { ipShow } from '../../exec/ip.ts'

interface Shown {
  readonly ifname: string
  readonly flags?: readonly string[]
  readonly mtu?: number
  readonly master?: string
  readonly addr_info?: readonly { readonly local?: string; readonly prefixlen?: number }[]
}

/** @throws CniError when `ip` is missing */
export async function gatherLinks(): Promise<Facts['links']> {
  const text = await ipShow(['address', 'show'])
  // iproute2 puts an empty object where an address of another link was left out.
  const shown = (JSON.parse(text ?? '[]') as readonly Partial<Shown>[]).filter(
    (link): link is Shown => link.ifname !== undefined,
  )
  return shown.map(linkOf)
}

function linkOf(link: Shown): LinkFacts {
  const flags = link.flags ?? []
  return {
    name: link.ifname,
    isUp: flags.includes('UP'),
    hasCarrier: flags.includes('LOWER_UP'),
    mtuBytes: link.mtu ?? 0,
    master: link.master,
    addresses: (link.addr_info ?? []).flatMap(({ local, prefixlen }): Prefix[] => {
      const ip = parseIp(local ?? '')
      return ip === undefined || prefixlen === undefined ? [] : [{ ...ip, length: prefixlen }]
    }),
  }
}
