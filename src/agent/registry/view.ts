// What the agent shows of the registry (src/views has the shapes).

import { formatIp } from '../../addr/ip.ts'
import type { RegistryEntry } from '../../registry/entry.ts'
import type { HostState } from '../../registry/host-state.ts'
import type { ContainersView, ContainerView } from '../../views/containers.ts'
import type { RegistryHostView, RegistryView } from '../../views/registry.ts'
import type { World } from '../world/world.ts'
import type { KnownHost, Registry } from './registry.ts'

/** Shows what is known of every host. */
export function registryView(
  registry: Registry,
  { identity: { name, overlay } }: Pick<World, 'identity'>,
): RegistryView {
  const [first] = overlay
  const own: RegistryHostView = {
    name,
    overlay: first === undefined ? '' : formatIp(first),
    isOwn: true,
    ...stateView(registry.own(), name),
    isConfirmed: true,
    problem: null,
    isSilent: false,
    refusal: null,
  }
  const others = registry.hosts().map((host): RegistryHostView => {
    const { contact } = host.peer
    return {
      name: contact.facts.name,
      overlay: contact.id,
      isOwn: false,
      ...stateView(host.state, contact.facts.name),
      isConfirmed: host.isConfirmed,
      problem: problemOf(host),
      isSilent: host.isSilent,
      refusal: host.refusal ?? null,
    }
  })
  others.sort((a, b) => a.name.localeCompare(b.name, 'en') || a.overlay.localeCompare(b.overlay, 'en'))
  return {
    version: 1,
    hosts: [own, ...others],
    untold: registry.untold(),
    diskProblem: registry.diskProblem() ?? null,
  }
}

/** Lists the containers of all hosts, with `own` for this host. */
export function containersOfAll(own: readonly ContainerView[], { hosts }: RegistryView): ContainersView {
  const others = hosts.filter(({ isOwn }) => !isOwn)
  return {
    version: 1,
    containers: [...own, ...others.flatMap(({ containers }) => containers ?? [])],
    silent: others.flatMap(({ name, containers, problem }) =>
      containers === null ? [{ host: name, reason: problem ?? 'it has not told its containers yet' }] : [],
    ),
  }
}

function stateView(
  state: HostState | undefined,
  host: string,
): Pick<RegistryHostView, 'version' | 'containers'> {
  if (state === undefined) return { version: null, containers: null }
  const { epoch, sequence, containers } = state
  return {
    version: `${String(epoch)}-${String(sequence)}`,
    containers: containers.map((entry) => containerView(entry, host)),
  }
}

function containerView(entry: RegistryEntry, host: string): ContainerView {
  return { host, ...entry, state: 'up' }
}

function problemOf({ problem, isSilent }: KnownHost): string | null {
  if (isSilent) return 'its agent is silent'
  return problem ?? null
}
