// What the agent knows of all hosts, in the words of the HTTP Gateway.

import { formatIp } from '../../addr/ip.ts'
import { formatPrefix } from '../../addr/prefix.ts'
import { gatewayOptions } from '../../host/http-gateway/configuration.ts'
import { type Documents, type KnownHost, makeDocuments } from '../../http-gateway/documents.ts'
import type { KnownHost as RegistryHost, Registry } from '../registry/registry.ts'
import type { World } from '../world/world.ts'

/** @throws CniError when the settings of the HTTP Gateway are wrong */
export function documentsOf(
  { settings, identity }: Pick<World, 'settings' | 'identity'>,
  registry: Pick<Registry, 'own' | 'hosts'>,
): Documents {
  const [first] = identity.overlay
  const own: KnownHost = {
    name: identity.name,
    overlay: first === undefined ? '' : formatIp(first),
    subnets: identity.subnets.map(formatPrefix),
    path: 'local',
    gateway: undefined,
    containers: registry.own().containers,
  }
  return makeDocuments(own, registry.hosts().flatMap(knownHost), gatewayOptions(settings))
}

function knownHost({ peer, state }: RegistryHost): KnownHost | [] {
  if (state === undefined) return []
  const { facts, id } = peer.contact
  return {
    name: facts.name,
    overlay: id,
    subnets: facts.subnets.map(formatPrefix),
    path: peer.path.phase === 'P2P_ACTIVE' ? 'p2p' : 'gateway',
    gateway: state.httpGateway,
    containers: state.containers,
  }
}
