// Which ports of a container HTTP may reach, and which of them is the default. Pure.

import type { Reach } from './options.ts'

/** What is asked of a container, in the words of the registry. */
export interface PortsOfContainer {
  readonly ports: readonly { readonly protocol: string; readonly containerPort: number }[]
  readonly exposed: readonly { readonly protocol: string; readonly port: number }[]
  readonly labels: Readonly<Record<string, string>>
}

interface ReachablePorts {
  /** Ascending. */
  readonly ports: readonly number[]
  /** Undefined when a request has to name the port. */
  readonly port: number | undefined
}

/** "true" lets HTTP in, "false" keeps it out. Precedes the settings. */
const REACH_LABEL = 'flatnet.http'
/** The default port. */
const PORT_LABEL = 'flatnet.http.port'

/** Returns the ports; undefined for a container that is not to be reached. */
export function reachablePorts(container: PortsOfContainer, reach: Reach): ReachablePorts | undefined {
  const published = tcp(container.ports.map(({ protocol, containerPort }) => [protocol, containerPort]))
  const exposed = tcp(container.exposed.map(({ protocol, port }) => [protocol, port]))
  const labelled = labelledPort(container.labels[PORT_LABEL])
  if (!isOptedIn(container.labels[REACH_LABEL], reach, published, exposed)) return undefined
  const ports = [...new Set([...published, ...exposed, ...(labelled === undefined ? [] : [labelled])])]
  if (ports.length === 0) return undefined
  return { ports: ports.toSorted((a, b) => a - b), port: labelled ?? onlyOne(published) ?? onlyOne(exposed) }
}

function isOptedIn(
  label: string | undefined,
  reach: Reach,
  published: readonly number[],
  exposed: readonly number[],
): boolean {
  if (label !== undefined) return label === 'true'
  if (reach === 'label') return false
  return published.length > 0 || (reach === 'exposed' && exposed.length > 0)
}

function tcp(list: readonly (readonly [protocol: string, port: number])[]): readonly number[] {
  return [...new Set(list.flatMap(([protocol, port]) => (protocol === 'tcp' ? [port] : [])))]
}

// The lowest one of several would be a guess: it has sent people to databases.
function onlyOne(ports: readonly number[]): number | undefined {
  return ports.length === 1 ? ports[0] : undefined
}

function labelledPort(text: string | undefined): number | undefined {
  if (text === undefined || !/^[1-9]\d{0,4}$/.test(text)) return undefined
  const port = Number(text)
  return port <= 65_535 ? port : undefined
}
