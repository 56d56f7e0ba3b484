// UDP flows that began before an attachment had its port. The kernel sends each packet of a known flow where the first
// one went, for as long as packets come. Nothing but ctnetlink can delete a flow, and neither ip nor nft speaks it; but in
// another zone the packets of a flow make a new one (nft(8), CT STATEMENT), and the old one expires unseen.

import { type Family, formatIp, type Ip, parseIp } from '../addr/ip.ts'
import { parsePrefix } from '../addr/prefix.ts'
import type { UdpFlow } from '../ip/conntrack.ts'
import type { AttachmentRecord } from './attachment.ts'
import { familyName, TABLE } from './nft-table.ts'
import { isFor, isForAnyAddress } from './port-mapping.ts'

/** The UDP host ports of an attachment. */
export function udpPorts({ ports = [] }: AttachmentRecord): ReadonlySet<number> {
  return new Set(ports.filter(({ protocol }) => protocol === 'udp').map(({ hostPort }) => hostPort))
}

/** Which flow goes where, by the family of the attachment's address. */
export interface StaleFlows {
  readonly family: Family
  /** Keys of the map `stale`. */
  readonly keys: readonly string[]
  /** The zone that these flows are to go on in. */
  readonly zone: number
}

/** The flows among these whose answers come from somewhere else than the attachment that has their port now. */
export function findStale(record: AttachmentRecord, flows: readonly UdpFlow[]): readonly StaleFlows[] {
  return record.addresses.flatMap((text) => {
    const address = parsePrefix(text)
    if (address === undefined) return []
    const stale = flows.filter((flow) => isStale(flow, address, record))
    const keys = [...new Set(stale.map(keyOf))]
    return keys.length === 0 ? [] : [{ family: address.family, keys, zone: zoneOf(address) }]
  })
}

/** Lists where flows of this family were sent before. */
export function listStale(family: Family): string {
  return `list map ${familyName(family)} ${TABLE} stale\n`
}

/** Sends the flows there. @param listing what {@link listStale} printed */
export function renderStale({ family, keys, zone }: StaleFlows, listing: string): string {
  const map = `element ${familyName(family)} ${TABLE} stale`
  return keys
    .map((key) => {
      const known = listing.includes(` ${key} `) || listing.includes(`\t${key} `)
      return `${known ? `delete ${map} { ${key} }\n` : ''}add ${map} { ${key} : ${String(zone)} }\n`
    })
    .join('')
}

function isStale(flow: UdpFlow, address: Ip, { ports = [] }: AttachmentRecord): boolean {
  const destination = parseIp(flow.destination)
  if (destination?.family !== address.family || flow.answerer === formatIp(address)) return false
  return ports.some(
    (mapping) =>
      mapping.protocol === 'udp' &&
      mapping.hostPort === flow.destinationPort &&
      isFor(mapping, address.family) &&
      (isForAnyAddress(mapping) || mapping.hostIp === flow.destination),
  )
}

// As nft prints it.
function keyOf({ source, sourcePort, destination, destinationPort }: UdpFlow): string {
  return `${source} . ${String(sourcePort)} . ${destination} . ${String(destinationPort)}`
}

// Any number that two attachments of one host do not share at the same time; zones are 16 bits wide and 0 is the usual one.
function zoneOf(address: Ip): number {
  return 1 + Number(address.value % 65535n)
}
