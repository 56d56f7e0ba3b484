// What the agent works from, taken at one moment: settings, this host's certificate, the peers that it believes in, and
// where the host stands in the network. Loaded on start, on SIGHUP, and when certificates or links have changed.

import type { KeyObject } from 'node:crypto'
import { type AgentSettings, parseAgentSettings } from '../config/agent-settings.ts'
import { type Settings, SETTINGS_FILE } from '../config/settings.ts'
import { type AgentIdentity, loadAgentIdentity } from '../host/agent-identity.ts'
import { loadBlocklist } from '../host/nebula-config.ts'
import { findNetwork, type HostNetwork, kernelRoutes } from '../host/network.ts'
import { type KnownPeer, loadPeers, type Peers } from '../host/peers.ts'
import { loadSettings } from '../host/settings.ts'
import type { Log } from '../log.ts'
import { type HostKey, hostKey, sharedSecret } from '../nebula/shared-secret.ts'
import { formatIp } from '../addr/ip.ts'
import { fileStamp } from '../state/source-file.ts'
import { probeKey } from '../probe/key.ts'
import { laneEnds } from './contacts.ts'
import type { PeerContact } from './peer.ts'

/** All of it. */
export interface World {
  readonly settings: Settings
  readonly agent: AgentSettings
  readonly identity: AgentIdentity
  readonly blocklist: ReadonlySet<string>
  readonly network: HostNetwork
  readonly peers: Peers
  /** The peers that can be talked to: those with a container subnet, other than ourselves. */
  readonly contacts: readonly PeerContact[]
  /** This host's name on the wire. */
  readonly wireName: string
}

/**
 * Reads everything anew.
 * @throws CniError that names the file, the key and the remedy
 */
export async function loadWorld(now: number, log: Log): Promise<World> {
  const settings = loadSettings({})
  const agent = parseAgentSettings(settings.agent.value, settings.agent.path)
  const blocklist = loadBlocklist(settings, log)
  const identity = loadAgentIdentity(settings, now, blocklist)
  const network = await findNetwork(settings, identity, kernelRoutes())
  return withPeers({ settings, agent, identity, blocklist, network }, now)
}

/** A text that changes with the files that {@link loadWorld} reads, the peers' aside. */
export function worldStamp({ settings: { nebula } }: World): string {
  return [SETTINGS_FILE, nebula.ca, nebula.cert, nebula.key, nebula.config].map(fileStamp).join(' ')
}

/** The same world with its peers read anew. */
export function withPeers(world: Omit<World, 'peers' | 'contacts' | 'wireName'>, now: number): World {
  const { settings, identity, blocklist } = world
  const peers = loadPeers(settings, identity, now, blocklist)
  const own = hostKey(identity.keyPem, identity.certificate, settings.nebula.key)
  const keyWith = keysOf(identity, own, peers.accepted)
  return {
    ...world,
    peers,
    contacts: peers.accepted.flatMap((peer) => contactOf(peer, identity, keyWith) ?? []),
    wireName: wireNameOf(identity.fingerprint),
  }
}

/** The same world with links and hops looked up anew. @throws CniError */
export async function withNetwork(world: World): Promise<World> {
  return { ...world, network: await findNetwork(world.settings, world.identity, kernelRoutes()) }
}

function contactOf(
  peer: KnownPeer,
  identity: AgentIdentity,
  keyWith: (peer: KnownPeer) => KeyObject | undefined,
): PeerContact | undefined {
  const [first] = peer.overlay
  const ends = laneEnds(identity, peer)
  const key = first === undefined ? undefined : keyWith(peer)
  if (first === undefined || key === undefined || ends.size === 0) return undefined
  return {
    id: formatIp(first),
    facts: peer,
    source: peer.source,
    key,
    wireName: wireNameOf(peer.fingerprint),
    ends,
  }
}

// One curve operation costs what a hundred messages do. Only those of the present certificates: others come and go for
// as long as the agent runs.
let keys: ReadonlyMap<string, KeyObject | undefined> = new Map()

function keysOf(
  { fingerprint }: AgentIdentity,
  own: HostKey,
  peers: readonly KnownPeer[],
): (peer: KnownPeer) => KeyObject | undefined {
  const nameOf = (peer: KnownPeer): string => `${fingerprint} ${peer.fingerprint}`
  const make = (peer: KnownPeer): KeyObject | undefined => {
    const secret = sharedSecret(own, peer.publicKey)
    return secret && probeKey(secret, fingerprint, peer.fingerprint)
  }
  const earlier = keys
  const present = new Map(
    peers.map((peer) => {
      const name = nameOf(peer)
      return [name, earlier.has(name) ? earlier.get(name) : make(peer)] as const
    }),
  )
  keys = present
  return (peer) => present.get(nameOf(peer))
}

// The first eight bytes: 64 bits of a hash tell the few certificates of an office apart.
function wireNameOf(fingerprint: string): string {
  return fingerprint.slice(0, 16)
}
