// Holds an attachment's record and result against the kernel: what is missing or different, in words.

import { parsePrefix } from '../addr/prefix.ts'
import type { CniResult } from '../cni/result.ts'
import { ipShow } from '../exec/ip.ts'
import { nftAsk, nftList } from '../exec/nft.ts'
import { TABLE } from '../net/nft-table.ts'
import { askPorts } from '../net/port-elements.ts'
import type { AttachmentRecord } from '../net/attachment.ts'

/** What to compare. */
export interface Inspection {
  readonly record: AttachmentRecord
  readonly result: CniResult
  /** Path of the container's namespace. */
  readonly netns: string
  readonly ipMasq: boolean
}

interface ShownLink {
  readonly address?: string
  readonly master?: string
  readonly flags?: readonly string[]
  readonly addr_info?: readonly { readonly local: string; readonly prefixlen: number }[]
}

/** Everything that is not as it should be; empty when all is well. */
export async function findFaults(inspection: Inspection): Promise<readonly string[]> {
  const { record, result } = inspection
  const claimed = result.ips.map(({ address }) => address)
  const lost = record.addresses.filter((address) => !claimed.includes(address))
  return [
    ...lost.map((address) => `prevResult lacks ${address}, which ADD gave`),
    ...(await hostFaults(record)),
    ...(await containerFaults(inspection)),
    ...(inspection.ipMasq ? await ruleFaults(record) : []),
    ...(await portFaults(record)),
  ]
}

async function hostFaults({ hostLink, bridge }: AttachmentRecord): Promise<string[]> {
  const link = await showLink(['link', 'show', 'dev', hostLink])
  if (link === undefined) return [`link ${hostLink} is gone from the host`]
  if (link.master !== bridge) return [`link ${hostLink} is no port of ${bridge}`]
  return isUp(link) ? [] : [`link ${hostLink} is down`]
}

async function containerFaults({ record, result, netns }: Inspection): Promise<string[]> {
  const { ifname } = record
  const link = await showLink(['address', 'show', 'dev', ifname], netns)
  if (link === undefined) return [`link ${ifname} is gone from the container`]
  const has = (link.addr_info ?? []).map(({ local, prefixlen }) => `${local}/${String(prefixlen)}`)
  const claimed = result.interfaces.find(({ name, sandbox }) => name === ifname && sandbox === netns)
  const mac = claimed === undefined || claimed.mac === '' ? link.address : claimed.mac
  return [
    ...(isUp(link) ? [] : [`link ${ifname} is down in the container`]),
    ...record.addresses
      .filter((address) => !has.includes(address))
      .map((address) => `${ifname} lacks the address ${address}`),
    ...(link.address?.toLowerCase() === mac?.toLowerCase()
      ? []
      : [`${ifname} has the MAC ${link.address ?? 'none'} instead of ${mac ?? 'none'}`]),
    ...(await routeFaults(result, netns)),
  ]
}

// All tables: the sbr plugin moves the container's routes into one of its own.
async function routeFaults(result: CniResult, netns: string): Promise<string[]> {
  const show = ['route', 'show', 'table', 'all']
  const texts = [await ipShow(show, netns), await ipShow(['-6', ...show], netns)]
  const routes = texts.flatMap((text) => JSON.parse(text ?? '[]') as { dst?: string; gateway?: string }[])
  return result.routes
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
        `the masquerade rule of ${bridge} is gone from table ${family} ${TABLE}; flatnet-cni sync puts it back`,
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
    if (lost.length > 0)
      faults.push(
        `not or wrongly published: ${lost[0] ?? ''}${lost.length > 1 ? ` and ${String(lost.length - 1)} more` : ''}` +
          '; flatnet-cni sync publishes all ports anew',
      )
  }
  return faults
}

function escape(text: string): string {
  return text.replaceAll('.', String.raw`\.`)
}

async function showLink(args: readonly string[], netns?: string): Promise<ShownLink | undefined> {
  const text = await ipShow(args, netns)
  return text === undefined ? undefined : (JSON.parse(text) as ShownLink[])[0]
}

function isUp(link: ShownLink): boolean {
  return link.flags?.includes('UP') ?? false
}
