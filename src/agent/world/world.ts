// The state that the agent works from, taken at one moment: settings, this host's certificate, the
// accepted peers, and the host's place in the network. Loaded on start, on SIGHUP, and when certificates
// or links have changed.

import type { KeyObject } from 'node:crypto'
import { CniError } from '../../cni/error.ts'
import { type AgentSettings, parseAgentSettings } from '../../config/agent-settings.ts'
import { type Settings, SETTINGS_FILE } from '../../config/settings.ts'
import { type AgentIdentity, loadAgentIdentity, readCaPool } from '../../host/identity/agent-identity.ts'
import { heldStamp, heldStatements, type HeldStatements } from '../../host/identity/statements.ts'
import { loadBlocklist } from '../../host/identity/nebula-config.ts'
import { kernelRoutes } from '../../host/routes/kernel-routes.ts'
import { findNetwork, type HostNetwork } from '../../host/network/network.ts'
import { type KnownPeer, loadPeers, type Peers } from '../../host/identity/peers.ts'
import { loadSettings } from '../../host/identity/settings.ts'
import type { Log } from '../../log.ts'
import { type HostKey, hostKey, sharedSecret } from '../../nebula/keys/shared-secret.ts'
import { formatIp } from '../../addr/ip.ts'
import { learntFolder, snapshotFolder } from '../../state/files/certificate-folder.ts'
import { configFiles } from '../../state/files/config-files.ts'
import { fileStamp } from '../../state/files/source-file.ts'
import { probeKey } from '../../paths/probe/key.ts'
import type { Hop } from '../../route/hop.ts'
import { laneEnds } from '../peers/lane-ends.ts'
import { lastHops } from '../paths/last-hops.ts'
import type { PeerContact } from '../peers/peer.ts'

/** The whole state. */
export interface World {
  readonly settings: Settings
  readonly agent: AgentSettings
  readonly identity: AgentIdentity
  readonly statements: HeldStatements
  /** What Nebula's configuration blocks, and what the statements revoke. */
  readonly blocklist: ReadonlySet<string>
  readonly network: HostNetwork
  /** See last-hops.ts. */
  readonly lastHops: readonly Hop[]
  readonly peers: Peers
  /** The files that `peers` was read from, and when, in Unix seconds. */
  readonly peersRead: { readonly stamp: string; readonly at: number }
  /** The peers to talk to: those with a container subnet, without this host. */
  readonly contacts: readonly PeerContact[]
  /** This host's name on the wire. */
  readonly wireName: string
  /**
   * The key for each peer, by both fingerprints; undefined if there is none. Deriving one costs as much as a
   * hundred messages.
   */
  readonly keys: PeerKeys
}

type PeerKeys = ReadonlyMap<string, KeyObject | undefined>

/**
 * Reads everything again.
 * @param before the earlier world, which provides what is read only at the start
 * @throws CniError that names the file, the key and the remedy
 */
export async function loadWorld(now: number, log: Log, before?: World): Promise<World> {
  const read = loadSettings({})
  const { settings, agent } = keepFixed(
    { settings: read, agent: parseAgentSettings(read.agent.value, read.agent.path) },
    before,
    log,
  )
  const statements = heldStatements(settings, readCaPool(settings))
  for (const problem of statements.problems) log('warn', 'statement not usable', { error: problem })
  const blocklist = loadBlocklist(settings, statements.revoked, log)
  const identity = loadAgentIdentity(settings, now, blocklist)
  const place = await findPlace({ settings, identity }, before)
  const keys = before?.keys ?? new Map()
  return withPeers({ settings, agent, identity, statements, blocklist, ...place, keys }, now)
}

type Given = Pick<World, 'settings' | 'agent'>

// Sockets, files and timers of a running agent depend on these.
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
  if (keys.length > 0) log('warn', 'restart needed', { what: `${keys.join(', ')}: read only at the start` })
  return {
    settings: { ...read.settings, runDir, dataDir },
    agent: { ...read.agent, ...fixed, dataDir: before.agent.dataDir },
  }
}

/** Returns a text that changes with the files that {@link loadWorld} reads, except those of the peers. */
export function worldStamp({ settings, identity }: World): string {
  const { nebula } = settings
  const files = [SETTINGS_FILE, nebula.ca, nebula.cert, nebula.key, nebula.config, ...filesOf(nebula.config)]
  return [...files.map(fileStamp), heldStamp(settings, identity.pool)].join(' ')
}

// A folder's own stamp changes with added and removed files, but not when a file is overwritten.
function filesOf(config: string): readonly string[] {
  try {
    return configFiles(config)
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    return []
  }
}

/** Returns the same world with its peers read again. */
export function withPeers(
  world: Omit<World, 'peers' | 'peersRead' | 'contacts' | 'wireName'>,
  now: number,
): World {
  const { settings, identity, blocklist } = world
  // The stamp precedes the reading, so the next look notices a change in between.
  const peersRead = { stamp: peersStamp(settings), at: now }
  const peers = loadPeers(settings, identity, now, blocklist)
  const own = hostKey(identity.keyPem, identity.certificate, settings.nebula.key)
  const keys = keysWith(peers.accepted, identity, own, world.keys)
  return {
    ...world,
    peers,
    peersRead,
    keys,
    contacts: peers.accepted.flatMap((peer) => contactOf(peer, identity, keys) ?? []),
    wireName: wireNameOf(identity.fingerprint),
  }
}

/**
 * Returns whether {@link withPeers} would find the same peers. Verifying a hundred certificates costs as much
 * as half a minute of their probes. A clock that was set back counts as a change.
 * @throws CniError IoFailure
 */
export function hasSamePeers({ settings, peers, peersRead }: World, now: number): boolean {
  if (!peers.isSettled || now < peersRead.at || now > peers.validUntil) return false
  return peersStamp(settings) === peersRead.stamp
}

/** Returns a text that changes with the files that the peers are read from. @throws CniError IoFailure */
export function peersStamp({ nebula, peers, dataDir }: Settings): string {
  return JSON.stringify([fileStamp(nebula.ca), snapshotFolder(peers), fileStamp(learntFolder(dataDir))])
}

/** Returns the same world with links and hops looked up again. @throws CniError */
export async function withNetwork(world: World): Promise<World> {
  return { ...world, ...(await findPlace(world, world)) }
}

async function findPlace(
  { settings, identity }: Pick<World, 'settings' | 'identity'>,
  before: World | undefined,
): Promise<Pick<World, 'network' | 'lastHops'>> {
  const routes = await kernelRoutes()
  const network = await findNetwork(settings, identity, routes)
  const earlier = before === undefined ? [] : [...before.network.gateways, ...before.lastHops]
  return { network, lastHops: settings.gateway.via === 'none' ? [] : lastHops(earlier, network, routes) }
}

function contactOf(peer: KnownPeer, identity: AgentIdentity, keys: PeerKeys): PeerContact | undefined {
  const [first] = peer.overlay
  const ends = laneEnds(identity, peer)
  const key = first === undefined ? undefined : keys.get(keyName(identity, peer))
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

// Keeps earlier keys only for present certificates, because others come and go as long as the agent runs.
function keysWith(
  peers: readonly KnownPeer[],
  identity: AgentIdentity,
  own: HostKey,
  earlier: PeerKeys,
): PeerKeys {
  const make = (peer: KnownPeer): KeyObject | undefined => {
    const secret = sharedSecret(own, peer.publicKey)
    return secret && probeKey(secret, identity.fingerprint, peer.fingerprint)
  }
  return new Map(
    peers.map((peer) => {
      const name = keyName(identity, peer)
      return [name, earlier.has(name) ? earlier.get(name) : make(peer)] as const
    }),
  )
}

function keyName({ fingerprint }: AgentIdentity, peer: KnownPeer): string {
  return `${fingerprint} ${peer.fingerprint}`
}

// The first eight bytes: 64 bits of a hash distinguish the few certificates of an office.
function wireNameOf(fingerprint: string): string {
  return fingerprint.slice(0, 16)
}
