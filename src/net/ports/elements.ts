// The elements of one attachment in the maps of published ports (rules.ts).

import { type Family, formatIp, type Ip } from '../../addr/ip.ts'
import { parsePrefix } from '../../addr/prefix.ts'
import type { AttachmentRecord } from '../attachment.ts'
import { familyName, TABLE } from '../nft-table.ts'
import { isFor, isForAnyAddress, type PortMapping, type PortProtocol } from './mapping.ts'

const MAPS = ['ports', 'ports-at', 'zones', 'zones-at', 'errors', 'errors-at'] as const

// nft sees the packet quoted in an ICMP error as raw bytes (IANA, "Assigned Internet Protocol Numbers").
const NUMBERS: Readonly<Record<PortProtocol, number>> = { tcp: 6, udp: 17, sctp: 132 }

/** One map element: the texts before and after the colon. */
interface Element {
  readonly family: Family
  readonly map: (typeof MAPS)[number]
  readonly key: string
  readonly target: string
}

function elementsOf(record: AttachmentRecord): readonly Element[] {
  return record.addresses.flatMap((text) => {
    const address = parsePrefix(text)
    if (address === undefined) return []
    const { family } = address
    return (record.ports ?? [])
      .filter((mapping) => isFor(mapping, family))
      .flatMap((mapping) => elementsFor(mapping, address, record.zone))
  })
}

function elementsFor(mapping: PortMapping, address: Ip, zone: number | undefined): readonly Element[] {
  const { family } = address
  const { protocol, hostPort, containerPort } = mapping
  const [where, at] = isForAnyAddress(mapping)
    ? (['', ''] as const)
    : (['-at', `${mapping.hostIp ?? ''} . `] as const)
  const port = ` . ${String(hostPort)}`
  const key = `${at}${protocol}${port}`
  const target = `${formatIp(address)} . ${String(containerPort)}`
  return [
    { family, map: `ports${where}`, key, target },
    ...(zone === undefined
      ? []
      : ([
          { family, map: `zones${where}`, key, target: String(zone) },
          {
            family,
            map: `errors${where}`,
            key: `${at}${String(NUMBERS[protocol])}${port}`,
            target: String(zone),
          },
        ] as const)),
  ]
}

/**
 * Publishes the ports of one attachment, in all families or one. The kernel refuses if a port already has
 * another target.
 */
export function renderPublish(record: AttachmentRecord, only?: Family): string {
  return addElements(elementsOf(record).filter(({ family }) => only === undefined || family === only))
}

/**
 * Withdraws the ports of one attachment. The kernel finds an element to delete by its key alone. Adding the
 * elements first makes the withdrawal repeatable, and makes the kernel refuse the transaction if a port now
 * belongs to another attachment.
 */
export function renderWithdraw(record: AttachmentRecord): string {
  const elements = elementsOf(record)
  return addElements(elements) + deleteElements(elements)
}

/** Publishes exactly the ports of these attachments. If two claim the same port, the earlier one gets it. */
export function renderAllPorts(families: readonly Family[], records: readonly AttachmentRecord[]): string {
  const flushes = families.flatMap((family) =>
    MAPS.map((map) => `flush map ${familyName(family)} ${TABLE} ${map}\n`),
  )
  const elements = new Map<string, Element>()
  for (const record of records.toSorted((a, b) => (a.since < b.since ? -1 : 1))) {
    for (const element of elementsOf(record)) {
      const key = `${String(element.family)} ${element.map} ${element.key}`
      if (families.includes(element.family) && !elements.has(key)) elements.set(key, element)
    }
  }
  return flushes.join('') + addElements([...elements.values()])
}

function addElements(elements: readonly Element[]): string {
  return byMap(elements)
    .map(([map, own]) => `add element ${map} { ${own.map(pairOf).join(', ')} }\n`)
    .join('')
}

function deleteElements(elements: readonly Element[]): string {
  return byMap(elements)
    .map(([map, own]) => `delete element ${map} { ${own.map(({ key }) => key).join(', ')} }\n`)
    .join('')
}

// Groups elements, so that one statement covers a map: nft spends more time on a statement
// than on an element.
function byMap(elements: readonly Element[]): readonly (readonly [string, readonly Element[]])[] {
  const maps = new Map<string, Element[]>()
  for (const element of elements) {
    const name = `${familyName(element.family)} ${TABLE} ${element.map}`
    const own = maps.get(name)
    if (own === undefined) maps.set(name, [element])
    else own.push(element)
  }
  return [...maps]
}

function pairOf({ key, target }: Element): string {
  return `${key} : ${target}`
}

/**
 * A query for elements of one map. nft fails if one is missing. Each query needs its own process (see
 * listTable).
 */
interface PortQuestion {
  readonly text: string
  /** For each element, the text that the answer contains if the target is correct. */
  readonly expected: readonly string[]
}

/** Returns the queries for the ports of one attachment. */
export function askPorts(record: AttachmentRecord): readonly PortQuestion[] {
  const elements = elementsOf(record)
  return ([4, 6] as const).flatMap((family) =>
    (['ports', 'ports-at'] as const).flatMap((map) => {
      const own = elements.filter((element) => element.family === family && element.map === map)
      if (own.length === 0) return []
      const keys = own.map(({ key }) => key).join(', ')
      return [
        {
          text: `get element ${familyName(family)} ${TABLE} ${map} { ${keys} }\n`,
          expected: own.map(pairOf),
        },
      ]
    }),
  )
}
