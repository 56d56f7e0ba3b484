// Compares an attachment with its record, with the runtime's belief, and with the kernel.

import { addressText, isUp, parseShown, parseShownLink, type ShownLink } from '../../ip/show.ts'
import { parsePrefix } from '../../addr/prefix.ts'
import type { AttachmentPlace } from '../../config/attachment-request.ts'
import { ipShow } from '../../exec/network/ip.ts'
import { nftAsk, nftList } from '../../exec/network/nft.ts'
import { isSameNetns } from '../../kernel/presence.ts'
import { TABLE } from '../../net/nft-table.ts'
import { askPorts } from '../../net/ports/elements.ts'
import { type AttachmentRecord, describeKey } from '../../net/attachment.ts'
import { lostLeases } from '../../state/addresses/claim-dead.ts'
import { openStore } from '../../state/addresses/store.ts'
import { loadSettings } from '../identity/settings.ts'
import { enterableNetns } from './container-netns.ts'

/** What the runtime believes of the attachment. */
export interface Belief {
  /** Where the runtime says so, for messages: "prevResult". */
  readonly source: string
  /** With prefix lengths. */
  readonly addresses: readonly string[]
  /** Undefined if the runtime does not say. */
  readonly mac: string | undefined
  readonly routes: readonly { readonly dst: string; readonly gw?: string }[]
}

/**
 * Inspects an attachment.
 * @returns everything that is missing or different, in words; empty if nothing is
 * @throws CniError if settings or namespace cannot be used
 */
export async function inspectAttachment(place: AttachmentPlace, belief: Belief): Promise<readonly string[]> {
  const { key, own } = place
  const settings = loadSettings(own)
  const netns = enterableNetns(place.netns)
  const record = openStore(settings.stateDir).read(key)
  if (record === undefined) return [`there is no record of ${describeKey(key)}; start the container again`]
  if (!isSameNetns(record.netns, netns))
    return [`${netns.path} is not the namespace that ADD was given; start the container again`]
  return [
    ...lostLeases(settings.stateDir, record).map((address) => `the lease of ${address} is gone`),
    ...unknownAddresses(record, belief),
    ...(await hostFaults(record)),
    ...(await containerFaults(record, netns.path, belief)),
    ...(settings.ipMasq ? await ruleFaults(record) : []),
    ...(await portFaults(record)),
  ]
}

// Returns the record's addresses that the runtime does not know.
function unknownAddresses(record: AttachmentRecord, { source, addresses }: Belief): readonly string[] {
  return record.addresses
    .filter((address) => !addresses.includes(address))
    .map((address) => `${source} lacks ${address}, which ADD gave`)
}

async function hostFaults({ hostLink, bridge }: AttachmentRecord): Promise<string[]> {
  const link = await showLink(['link', 'show', 'dev', hostLink])
  if (link === undefined) return [`link ${hostLink} is gone from the host`]
  if (link.master !== bridge) return [`link ${hostLink} is not a port of ${bridge}`]
  return isUp(link) ? [] : [`link ${hostLink} is down`]
}

async function containerFaults(record: AttachmentRecord, netns: string, belief: Belief): Promise<string[]> {
  const { ifname } = record
  const link = await showLink(['address', 'show', 'dev', ifname], netns)
  if (link === undefined) return [`link ${ifname} is gone from the container`]
  const has = (link.addr_info ?? []).map(addressText)
  const mac = belief.mac ?? link.address
  return [
    ...(isUp(link) ? [] : [`link ${ifname} is down in the container`]),
    ...record.addresses
      .filter((address) => !has.includes(address))
      .map((address) => `${ifname} lacks the address ${address}`),
    ...(link.address?.toLowerCase() === mac?.toLowerCase()
      ? []
      : [`${ifname} has the MAC ${link.address ?? 'none'} instead of ${mac ?? 'none'}`]),
    ...(await routeFaults(belief, netns)),
  ]
}

// Looks in all tables, because the sbr plugin moves the container's routes into one of its own.
async function routeFaults(belief: Belief, netns: string): Promise<string[]> {
  const show = ['route', 'show', 'table', 'all']
  const texts = [await ipShow(show, netns), await ipShow(['-6', ...show], netns)]
  const routes = texts.flatMap((text) => parseShown<{ dst?: string; gateway?: string }>(text))
  return belief.routes
    .filter(
      ({ dst, gw }) =>
        !routes.some((route) => sameDestination(route.dst, dst) && (gw ?? route.gateway) === route.gateway),
    )
    .map(({ dst, gw }) => `the container has no route to ${dst} via ${gw ?? 'its link'}`)
}

// `ip -j` writes 0.0.0.0/0 as "default" and leaves out the length of a single address.
function sameDestination(shown: string | undefined, dst: string): boolean {
  const prefix = parsePrefix(dst)
  if (prefix?.length === 0) return shown === 'default'
  return shown === dst || (shown !== undefined && dst === `${shown}/${prefix?.family === 4 ? '32' : '128'}`)
}

async function ruleFaults({ bridge, addresses }: AttachmentRecord): Promise<string[]> {
  const families = [...new Set(addresses.map((address) => (address.includes(':') ? 'ip6' : 'ip')))]
  const faults: string[] = []
  for (const family of families) {
    const listing = (await nftList(`list table ${family} ${TABLE}\n`)) ?? ''
    if (!listing.includes(`chain nat-${bridge} `) || !listing.includes(`oifname != "${bridge}" masquerade`)) {
      faults.push(
        `the masquerade rule of ${bridge} is gone from table ${family} ${TABLE}; ` +
          'flatnet-cni sync puts it back',
      )
    }
  }
  return faults
}

async function portFaults(record: AttachmentRecord): Promise<string[]> {
  const faults: string[] = []
  for (const { text, expected } of askPorts(record)) {
    const answer = (await nftAsk(text)) ?? ''
    const lost = expected.filter((element) => !new RegExp(`[\\t ]${escape(element)}[, \\n]`).test(answer))
    if (lost.length === 0) continue
    const more = lost.length > 1 ? ` and ${String(lost.length - 1)} more` : ''
    faults.push(
      `not or wrongly published: ${lost[0] ?? ''}${more}; flatnet-cni sync publishes all ports again`,
    )
  }
  return faults
}

function escape(text: string): string {
  return text.replaceAll('.', String.raw`\.`)
}

async function showLink(args: readonly string[], netns?: string): Promise<ShownLink | undefined> {
  return parseShownLink(await ipShow(args, netns))
}
