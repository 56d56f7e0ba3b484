// The state that this host tells of itself: what of its containers can be told, and its next version.

import type { Prefix } from '../addr/prefix.ts'
import { CniError } from '../cni/error.ts'
import { parseContainerName } from '../config/container-name.ts'
import type { ContainerView } from '../views/containers.ts'
import { ENTRY_LIMITS, LABEL_PREFIX, parseEntry, type RegistryEntry } from './entry.ts'
import { compareVersions, type HostState, MOST_CONTAINERS, type StateVersion } from './host-state.ts'

/** The containers that can be told, sorted, and those that cannot, with the reason. */
interface Telling {
  readonly entries: readonly RegistryEntry[]
  readonly untold: readonly string[]
}

/**
 * Chooses what this host tells: containers that are up. What other hosts would refuse is left out here, so
 * that one odd container does not hide the others.
 */
export function tellable(containers: readonly ContainerView[], subnets: readonly Prefix[]): Telling {
  const untold: string[] = []
  const entries = containers.flatMap((container) => {
    if (container.state !== 'up') return []
    const path = `container ${container.names[0] ?? container.id}`
    try {
      return [parseEntry(trimmed(container), subnets, path)]
    } catch (error) {
      if (!(error instanceof CniError)) throw error
      untold.push(error.details)
      return []
    }
  })
  entries.sort((a, b) => (sortText(a) < sortText(b) ? -1 : 1))
  for (const { id } of entries.slice(MOST_CONTAINERS)) untold.push(`container ${id}: one too many`)
  return { entries: entries.slice(0, MOST_CONTAINERS), untold }
}

function trimmed({ names, ports, exposed = [], labels = {}, ...rest }: ContainerView): object {
  const ours = Object.entries(labels).filter(([key]) => key.startsWith(LABEL_PREFIX))
  return {
    ...rest,
    names: names.filter((name) => parseContainerName(name) !== undefined).slice(0, ENTRY_LIMITS.names),
    ports: ports.slice(0, ENTRY_LIMITS.ports),
    exposed: exposed.slice(0, ENTRY_LIMITS.exposed),
    labels: Object.fromEntries(ours.slice(0, ENTRY_LIMITS.labels)),
  }
}

function sortText({ id, network, ifname }: RegistryEntry): string {
  return [id, network, ifname].join(' ')
}

/**
 * Returns the state after a look at the containers: the same object if nothing has changed.
 * @param httpGateway where other hosts reach this host's HTTP Gateway; undefined if it has none
 */
export function nextState(
  before: HostState,
  entries: readonly RegistryEntry[],
  httpGateway?: string,
): HostState {
  const isSame = JSON.stringify(before.containers) === JSON.stringify(entries)
  if (isSame && before.httpGateway === httpGateway) return before
  const { epoch, sequence } = before
  return { epoch, sequence: sequence + 1, ...(httpGateway && { httpGateway }), containers: entries }
}

/** Above it, an epoch could not be raised any more without losing digits. */
const HIGHEST_EPOCH = 2 ** 52

/**
 * Returns the epoch of a new run.
 * @param saved the epoch of the run before; undefined if its file is lost
 * @param unixMs the time of day, which may have been set back since
 */
export function firstEpoch(saved: number | undefined, unixMs: number): number {
  return Math.max(Math.floor(unixMs), (saved ?? -1) + 1)
}

/**
 * Returns the state with an epoch above what another host holds of this one. Needed after a reinstallation
 * with a clock that is behind. Returns the same object if there is nothing to do.
 */
export function outrun(own: HostState, held: StateVersion): HostState {
  if (compareVersions(own, held) > 0 || held.epoch >= HIGHEST_EPOCH) return own
  return { ...own, epoch: held.epoch + 1, sequence: 0 }
}
