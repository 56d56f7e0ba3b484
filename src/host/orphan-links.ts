// Host ends of veth pairs that we made and that no record speaks of.

import { ipShow } from '../exec/ip.ts'
import { type AttachmentKey, hostLinkName, keyOfAlias } from '../net/attachment.ts'
import { occupiedNetns } from '../state/liveness.ts'

/** A link of ours by its name and by the alias that names its attachment. */
export interface OurLink {
  readonly name: string
  readonly key: AttachmentKey
}

interface ShownLink {
  readonly ifindex: number
  readonly ifname: string
  readonly ifalias?: string
  /** Index of a veth's other end. */
  readonly link_index?: number
}

/**
 * Our links with nobody at the other end, except those that `keep` wants. One `ip` when there are none; for the rest
 * every namespace with a process is asked for the other end, because without a record nothing else tells who has it.
 */
export async function orphanLinks(keep: (link: OurLink) => boolean): Promise<readonly OurLink[]> {
  const links = await showVeths()
  const found = links.flatMap((link) => {
    const { ifname: name, ifalias = '' } = link
    const key = keyOfAlias(ifalias)
    const isOurs = key !== undefined && hostLinkName(key) === name
    return isOurs && !keep({ name, key }) ? [{ name, key, pair: pairOf(link.ifindex, link.link_index) }] : []
  })
  if (found.length === 0) return []
  const used = new Set<string>()
  for (const { path } of occupiedNetns())
    for (const { ifindex, link_index: peer } of await showVeths(path)) used.add(pairOf(peer, ifindex))
  return found.filter(({ pair }) => !used.has(pair)).map(({ name, key }) => ({ name, key }))
}

// Both indexes: in every namespace links are counted from one, and one alone fits many.
function pairOf(here: number | undefined, there: number | undefined): string {
  return `${String(here)} ${String(there)}`
}

// iproute2 prints nothing at all where no link matches.
async function showVeths(netns?: string): Promise<readonly ShownLink[]> {
  const text = (await ipShow(['link', 'show', 'type', 'veth'], netns)) ?? ''
  return text.trim() === '' ? [] : (JSON.parse(text) as ShownLink[])
}
