// The containers of this host on our networks, with the names that people know.

import { bareAddress } from '../../addr/prefix.ts'
import type { ContainerView, PortTroubleView } from '../../views/containers.ts'
import { askRuntimes, type SilentRuntime, type ToldContainer } from '../../exec/runtimes.ts'
import { type AttachmentRecord, keyText } from '../../net/attachment.ts'
import type { PortMapping } from '../../net/ports/mapping.ts'
import { LABEL_PREFIX } from '../../registry/entry.ts'
import { openStore } from '../../state/addresses/store.ts'
import { refuseWrongNamespace } from '../garbage/right-namespace.ts'
import { makeStaleTest } from '../garbage/stale.ts'
import { portTroubles } from '../ports/troubles.ts'

/** The containers, and the runtimes that did not answer with names. */
export interface NamedContainers {
  readonly containers: readonly ContainerView[]
  readonly unnamed: readonly SilentRuntime[]
}

/**
 * Returns one entry per attachment, sorted by name and address.
 * @param host this host's name
 * @throws CniError IoFailure, InvalidNetns in another network namespace
 */
export async function listContainers(stateDir: string, host: string): Promise<NamedContainers> {
  const { records } = openStore(stateDir).list()
  refuseWrongNamespace(records)
  const { containers: told, silent } = await askRuntimes(records.map(({ containerID }) => containerID))
  const whyStale = makeStaleTest()
  const stale = new Set(records.filter((record) => whyStale(record) !== undefined))
  const troubles = await portTroubles(records.filter((record) => !stale.has(record)))
  const containers = records
    .map((record) => viewOf(record, host, { told, troubles, isStale: stale.has(record) }))
    .toSorted((a, b) => order(a).localeCompare(order(b), 'en'))
  return { containers, unnamed: silent }
}

/**
 * Lists what the records say, without asking runtimes or the kernel for more. Takes milliseconds.
 * @param host this host's name
 * @throws CniError IoFailure
 */
export function listRecorded(stateDir: string, host: string): readonly ContainerView[] {
  const whyStale = makeStaleTest({ onlyProven: true })
  return openStore(stateDir)
    .list()
    .records.map((record) =>
      viewOf(record, host, { told: new Map(), troubles: new Map(), isStale: whyStale(record) !== undefined }),
    )
}

/** Names one attachment from its ADD on: a later ADD of the same key has another text. */
export function attachmentText({ network, id, ifname, since }: ContainerView): string {
  return `${keyText({ network, containerID: id, ifname })}\0${since}`
}

interface Known {
  readonly told: ReadonlyMap<string, ToldContainer>
  readonly troubles: ReadonlyMap<PortMapping, PortTroubleView>
  readonly isStale: boolean
}

function viewOf(record: AttachmentRecord, host: string, { told, troubles, isStale }: Known): ContainerView {
  const { containerID: id, network, ifname, addresses, ports = [], since, phase } = record
  const { containerName, aliases = [] } = record
  // Names that are only the beginning of the ID carry no information (podman adds one).
  const { names, exposed, labels } = told.get(id) ?? { exposed: [], labels: {} }
  const called = names ?? (containerName === undefined ? [] : [containerName])
  const known = [...called, ...aliases].filter((name) => !id.startsWith(name))
  return {
    host,
    id,
    names: [...new Set(known)],
    network,
    ifname,
    addresses: addresses.map(bareAddress),
    ports: ports.map((mapping) => ({
      protocol: mapping.protocol,
      hostPort: mapping.hostPort,
      containerPort: mapping.containerPort,
      hostIp: mapping.hostIp ?? null,
      trouble: troubles.get(mapping) ?? null,
    })),
    exposed,
    labels: Object.fromEntries(Object.entries(labels).filter(([name]) => name.startsWith(LABEL_PREFIX))),
    since,
    state: isStale ? 'stale' : phase,
  }
}

function order({ names, id, network, ifname }: ContainerView): string {
  return [names[0] ?? '~', id, network, ifname].join(' ')
}
