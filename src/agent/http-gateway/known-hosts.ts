// What the agent knows of all hosts, in the words of the HTTP Gateway.

import type { KeyObject } from 'node:crypto'
import { formatIp } from '../../addr/ip.ts'
import { formatPrefix } from '../../addr/prefix.ts'
import { gatewayOptions } from '../../host/http-gateway/configuration.ts'
import { type Documents, type KnownHost, makeDocuments } from '../../http-gateway/documents.ts'
import { type ProofKey, proofKey } from '../../http-gateway/proof.ts'
import { officeDocument } from '../../http-gateway/office.ts'
import { gatewaysDocument } from '../../http-gateway/recognition.ts'
import type { AgentPeer } from '../peers/peer.ts'
import type { KnownHost as RegistryHost, Registry } from '../registry/registry.ts'
import type { World } from '../world/world.ts'
import type { HostPaths } from './host-paths.ts'
import type { LanAddress } from './lan-address.ts'
import type { GatewayWatch, WatchedHost } from './watch-gateways.ts'

/** Everything that nginx is told. */
export interface Telling {
  readonly documents: Documents
  /** JSON that nginx hands on as it is, by name. */
  readonly texts: ReadonlyMap<string, string>
}

interface TellingParts {
  readonly world: () => Pick<World, 'settings' | 'identity'>
  readonly registry: Pick<Registry, 'own' | 'hosts'>
  readonly lan: Pick<LanAddress, 'endpoint'>
  readonly watch: GatewayWatch
  readonly hostPaths: HostPaths
}

/** @throws CniError when the settings of the HTTP Gateway are wrong */
export function tellingOf({ world, registry, lan, watch, hostPaths }: TellingParts): Telling {
  const { identity, settings } = world()
  const [first] = identity.overlay
  const own: KnownHost = {
    name: identity.name,
    overlay: first === undefined ? '' : formatIp(first),
    subnets: identity.subnets.map(formatPrefix),
    path: 'local',
    gateway: undefined,
    containers: registry.own().containers,
  }
  const hosts = registry.hosts()
  const others = hosts.map((host) => knownHost(host, watch))
  const documents = makeDocuments(own, others, gatewayOptions(settings))
  const labelOf = (overlay: string): string => documents.labels.get(overlay) ?? overlay
  const contacts = [...watch.contacts()].map(([overlay, contact]) => [labelOf(overlay), contact] as const)
  const gateways = gatewaysDocument({ host: documents.self.host, address: lan.endpoint() }, new Map(contacts))
  const paths = new Map(hosts.map((host) => [labelOf(host.peer.contact.id), hostPaths(host)]))
  const office = officeDocument(documents, paths, gateways)
  const texts = Object.entries({ gateways, office })
  return { documents, texts: new Map(texts.map(([name, value]) => [name, `${JSON.stringify(value)}\n`])) }
}

function knownHost({ peer, state }: RegistryHost, watch: GatewayWatch): KnownHost {
  const { facts, id } = peer.contact
  return {
    name: facts.name,
    overlay: id,
    subnets: facts.subnets.map(formatPrefix),
    path: peer.path.phase === 'P2P_ACTIVE' ? 'p2p' : 'gateway',
    // One that is down, or is another program, would only cost time.
    gateway: watch.isUsable(id) ? state?.httpGateway : undefined,
    key: keyOf(peer),
    containers: state?.containers,
  }
}

/** The hosts whose HTTP Gateways are watched. */
export function watchedHosts(registry: Pick<Registry, 'hosts'>): readonly WatchedHost[] {
  return registry.hosts().flatMap(({ peer, state }) => {
    // While the host's agent is silent, its HTTP Gateway is watched where it was.
    if (state !== undefined && state.httpGateway === undefined) return []
    return [{ overlay: peer.contact.id, key: keyOf(peer), address: state?.httpGateway }]
  })
}

// Derived once for each pair of certificates.
const KEYS = new WeakMap<KeyObject, ProofKey>()

function keyOf({ contact: { key } }: AgentPeer): ProofKey {
  const known = KEYS.get(key) ?? proofKey(key)
  KEYS.set(key, known)
  return known
}
