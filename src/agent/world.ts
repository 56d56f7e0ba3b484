// What the agent works from, taken at one moment: settings, this host's certificate, the peers that it believes in, and
// where the host stands in the network. Loaded on start, on SIGHUP, and when certificates or links have changed.

import type { KeyObject } from 'node:crypto'
import { CniError } from '../cni/error.ts'
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
import { configFiles } from '../state/config-files.ts'
import { fileStamp } from '../state/source-file.ts'
import { probeKey } from '../probe/key.ts'
import type { Hop } from '../route/plan.ts'
import { laneEnds } from './contacts.ts'
import { lastHops } from './last-hops.ts'
import type { PeerContact } from './peer.ts'

/** All of it. */
export interface World {
  readonly settings: Settings
  readonly agent: AgentSettings
  readonly identity: AgentIdentity
  readonly blocklist: ReadonlySet<string>
  readonly network: HostNetwork
  /** See last-hops.ts. */
  readonly lastHops: readonly Hop[]
  readonly peers: Peers
  /** The peers that can be talked to: those with a container subnet, other than ourselves. */
  readonly contacts: readonly PeerContact[]
  /** This host's name on the wire. */
  readonly wireName: string
}

/**
 * Reads everything anew. @param before the world so far, from which what is read at the start only is kept
 * @throws CniError that names the file, the key and the remedy
 */
export async function loadWorld(now: number, log: Log, before?: World): Promise<World> {
  const read = loadSettings({})
  const { settings, agent } = keepFixed(
    { settings: read, agent: parseAgentSettings(read.agent.value, read.agent.path) },
    before,
    log,
  )
  const blocklist = loadBlocklist(settings, log)
  const identity = loadAgentIdentity(settings, now, blocklist)
  const place = await findPlace({ settings, identity }, before)
  return withPeers({ settings, agent, identity, blocklist, ...place }, now)
}

type Given = Pick<World, 'settings' | 'agent'>

// Sockets, files and timers of a running agent hang on these.
function keepFixed(read: Given, before: Given | undefined, log: Log): Given {
  if (before === undefined) return read
  const { port, reconcileMs, gcMs } = before.agent
  const { runDir, dataDir } = before.settings
  const fixed = { port, reconcileMs, gcMs, dataDir } as const
  const agentKeys = (Object.keys(fixed) as (keyof typeof fixed)[]).filter(
    (key) => read.agent[key] !== before.agent[key],
  )
  const keys = agentKeys.map((key) => `agent.${key}`)
  if (read.settings.runDir !== runDir) keys.push('runDir')
  if (keys.length > 0) log('warn', 'restart needed', { what: `${keys.join(', ')}: read at the start only` })
  return {
    settings: { ...read.settings, runDir, dataDir },
    agent: { ...read.agent, ...fixed, dataDir: before.agent.dataDir },
  }
}

/** A text that changes with the files that {@link loadWorld} reads, the peers' aside. */
export function worldStamp({ settings: { nebula } }: World): string {
  const files = [SETTINGS_FILE, nebula.ca, nebula.cert, nebula.key, nebula.config, ...filesOf(nebula.config)]
  return files.map(fileStamp).join(' ')
}

// A folder's own stamp tells of files that come and go, not of what is written into one.
function filesOf(config: string): readonly string[] {
  try {
    return configFiles(config)
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    return []
  }
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
  return { ...world, ...(await findPlace(world, world)) }
}

async function findPlace(
  { settings, identity }: Pick<World, 'settings' | 'identity'>,
  before: World | undefined,
): Promise<Pick<World, 'network' | 'lastHops'>> {
  const routes = kernelRoutes()
  const network = await findNetwork(settings, identity, routes)
  const earlier = before === undefined ? [] : [...before.network.gateways, ...before.lastHops]
  return { network, lastHops: settings.gateway.via === 'none' ? [] : lastHops(earlier, network, routes) }
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
