// Host ends of veth pairs that we made and that no record lists.

import { parseShown, type ShownLink } from '../../ip/show.ts'
import { ipShow } from '../../exec/network/ip.ts'
import { type AttachmentKey, hostLinkName, keyOfAlias } from '../../net/attachment.ts'
import { occupiedNetns } from '../../kernel/presence.ts'

/** A link of ours: its name, and the attachment that its alias names. */
interface OurLink {
  readonly name: string
  readonly key: AttachmentKey
}

/**
 * Returns our links whose other end no process uses, except those that `keep` wants. Costs one `ip` if there
 * are none. Otherwise asks every namespace with a process for the other end, because without a record
 * nothing else tells who has it.
 */
export async function orphanLinks(keep: (link: OurLink) => boolean): Promise<readonly OurLink[]> {
  const links = await showVeths()
  const found = links.flatMap((link) => {
    const { ifname: name = '', ifalias = '' } = link
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

// Both indexes, because every namespace counts links from one, so one index alone matches many.
function pairOf(here: number | undefined, there: number | undefined): string {
  return `${String(here)} ${String(there)}`
}

async function showVeths(netns?: string): Promise<readonly ShownLink[]> {
  return parseShown(await ipShow(['link', 'show', 'type', 'veth'], netns))
}
