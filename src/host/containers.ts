// The containers of this host on our networks, with the names that people know them by.

import type { ContainerView } from '../api/containers.ts'
import { containerNames } from '../exec/container-names.ts'
import type { AttachmentRecord } from '../net/attachment.ts'
import { openStore } from '../state/store.ts'
import { refuseWrongNamespace } from './right-namespace.ts'
import { makeStaleTest } from './stale.ts'

/**
 * One entry per attachment, by name and address.
 * @param host this host's name
 * @throws CniError IoFailure, InvalidNetns in another network namespace
 */
export async function listContainers(
  stateDir: string,
  host: string,
  now: Date,
): Promise<readonly ContainerView[]> {
  const { records } = openStore(stateDir).list()
  refuseWrongNamespace(records)
  const names = await containerNames(records.map(({ containerID }) => containerID))
  const whyStale = makeStaleTest(now)
  return records
    .map((record) => viewOf(record, host, names, whyStale(record) !== undefined))
    .toSorted((a, b) => order(a).localeCompare(order(b), 'en'))
}

function viewOf(
  record: AttachmentRecord,
  host: string,
  names: ReadonlyMap<string, readonly string[]>,
  isStale: boolean,
): ContainerView {
  const { containerID: id, network, ifname, addresses, ports = [], since, phase } = record
  const { containerName, aliases = [] } = record
  // Other names that are no more than the beginning of the ID tell nobody anything (podman adds one).
  const called = names.get(id) ?? (containerName === undefined ? [] : [containerName])
  const known = [...called, ...aliases].filter((name) => !id.startsWith(name))
  return {
    host,
    id,
    names: [...new Set(known)],
    network,
    ifname,
    addresses: addresses.map((address) => address.replace(/\/.*/, '')),
    ports: ports.map(({ protocol, hostPort, containerPort, hostIp }) => ({
      protocol,
      hostPort,
      containerPort,
      hostIp: hostIp ?? null,
    })),
    since,
    state: isStale ? 'stale' : phase,
  }
}

function order({ names, id, network, ifname }: ContainerView): string {
  return [names[0] ?? '~', id, network, ifname].join(' ')
}
