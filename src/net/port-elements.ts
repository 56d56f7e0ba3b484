// The elements of one attachment in the maps of published ports (port-rules.ts).

import { type Family, formatIp } from '../addr/ip.ts'
import { parsePrefix } from '../addr/prefix.ts'
import type { AttachmentRecord } from './attachment.ts'
import { familyName, TABLE } from './nft-table.ts'
import { isFor, isForAnyAddress } from './port-mapping.ts'

/** One element of a map: the statement's words before and after the colon. */
interface Element {
  readonly family: Family
  readonly map: 'ports' | 'ports-at'
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
      .map((mapping): Element => {
        const port = `${mapping.protocol} . ${String(mapping.hostPort)}`
        const target = `${formatIp(address)} . ${String(mapping.containerPort)}`
        return isForAnyAddress(mapping)
          ? { family, map: 'ports', key: port, target }
          : { family, map: 'ports-at', key: `${mapping.hostIp ?? ''} . ${port}`, target }
      })
  })
}

/** Publishes the ports of one attachment. The kernel refuses it when a port is there with another target. */
export function renderPublish(record: AttachmentRecord): string {
  return elementsOf(record).map(addElement).join('')
}

/**
 * Withdraws the ports of one attachment. Adding first makes it safe to repeat, and has the kernel refuse the
 * transaction where a port belongs to somebody else by now: it finds an element to delete by its key alone.
 */
export function renderWithdraw(record: AttachmentRecord): string {
  const elements = elementsOf(record)
  return elements.map(addElement).join('') + elements.map(deleteElement).join('')
}

/** Publishes exactly the ports of these attachments; of two that claim the same one, the earlier has it. */
export function renderAllPorts(families: readonly Family[], records: readonly AttachmentRecord[]): string {
  const flushes = families.flatMap((family) =>
    ['ports', 'ports-at'].map((map) => `flush map ${familyName(family)} ${TABLE} ${map}\n`),
  )
  const elements = new Map<string, Element>()
  for (const record of records.toSorted((a, b) => (a.since < b.since ? -1 : 1))) {
    for (const element of elementsOf(record)) {
      const key = `${String(element.family)} ${element.key}`
      if (families.includes(element.family) && !elements.has(key)) elements.set(key, element)
    }
  }
  return flushes.join('') + [...elements.values()].map(addElement).join('')
}

function addElement({ family, map, key, target }: Element): string {
  return `add element ${familyName(family)} ${TABLE} ${map} { ${key} : ${target} }\n`
}

function deleteElement({ family, map, key }: Element): string {
  return `delete element ${familyName(family)} ${TABLE} ${map} { ${key} }\n`
}

/** A question for some elements of one map; nft fails when one is not there. A process each (see listTable). */
export interface PortQuestion {
  readonly text: string
  /** What the answer holds for each, when it goes where it should. */
  readonly expected: readonly string[]
}

/** Asks for the ports of one attachment. */
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
          expected: own.map(({ key, target }) => `${key} : ${target}`),
        },
      ]
    }),
  )
}
