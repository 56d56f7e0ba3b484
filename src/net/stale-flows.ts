// UDP flows that began before an attachment had its port. The kernel sends each packet of a known flow where the first
// one went, for as long as packets come. Nothing but ctnetlink can delete a flow, and neither ip nor nft speaks it; but in
// another zone the packets of a flow make a new one (nft(8), CT STATEMENT), and the old one expires unseen.

import { formatIp, type Ip, parseIp } from '../addr/ip.ts'
import { parsePrefix } from '../addr/prefix.ts'
import type { UdpFlow } from '../ip/conntrack.ts'
import type { AttachmentRecord } from './attachment.ts'
import { familyName, TABLE } from './nft-table.ts'
import { isFor, isForAnyAddress } from './port-mapping.ts'

/** The UDP host ports of an attachment. */
export function udpPorts({ ports = [] }: AttachmentRecord): ReadonlySet<number> {
  return new Set(ports.filter(({ protocol }) => protocol === 'udp').map(({ hostPort }) => hostPort))
}

/** Sends the flows among these that are stale to this attachment; undefined when there are none. */
export function renderStale(record: AttachmentRecord, flows: readonly UdpFlow[]): string | undefined {
  const lines = record.addresses.flatMap((text) => {
    const address = parsePrefix(text)
    if (address === undefined) return []
    return flows.filter((flow) => isStale(flow, address, record)).flatMap((flow) => moveFlow(flow, address))
  })
  return lines.length === 0 ? undefined : `${lines.join('\n')}\n`
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

function moveFlow(flow: UdpFlow, address: Ip): readonly string[] {
  const map = `element ${familyName(address.family)} ${TABLE} stale`
  const key = `${flow.source} . ${String(flow.sourcePort)} . ${flow.destination} . ${String(flow.destinationPort)}`
  // A flow that was moved before has its element still.
  const moved =
    flow.zone === 0 ? [] : [`add ${map} { ${key} : ${String(flow.zone)} }`, `delete ${map} { ${key} }`]
  return [...moved, `add ${map} { ${key} : ${String(zoneOf(address))} }`]
}

// Any number that two attachments of one host do not share at the same time; zones are 16 bits wide and 0 is the usual one.
function zoneOf(address: Ip): number {
  return 1 + Number(address.value % 65535n)
}
