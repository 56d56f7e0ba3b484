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
  const found = links.flatMap(({ ifname: name, ifalias = '', ifindex }) => {
    const key = keyOfAlias(ifalias)
    const isOurs = key !== undefined && hostLinkName(key) === name
    return isOurs && !keep({ name, key }) ? [{ name, key, ifindex }] : []
  })
  if (found.length === 0) return []
  const used = new Set<number>()
  for (const { path } of occupiedNetns())
    for (const { link_index: peer } of await showVeths(path)) if (peer !== undefined) used.add(peer)
  return found.filter(({ ifindex }) => !used.has(ifindex))
}

// iproute2 prints nothing at all where no link matches.
async function showVeths(netns?: string): Promise<readonly ShownLink[]> {
  const text = (await ipShow(['link', 'show', 'type', 'veth'], netns)) ?? ''
  return text.trim() === '' ? [] : (JSON.parse(text) as ShownLink[])
}
