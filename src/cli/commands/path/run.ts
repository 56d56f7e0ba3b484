// `flatnet-cni path [PEER]`: shows the paths of all peers, one line each, or the details of one peer.

import { unixSeconds } from '../../../unix-time.ts'
import type { PathView } from '../../../views/paths.ts'
import { CniCode, CniError } from '../../../cni/error.ts'
import { refuseRootless } from '../../../kernel/proc.ts'
import { type Identity, loadIdentity } from '../../../host/identity/identity.ts'
import type { PeerRoute } from '../../../host/routes/peer-routes.ts'
import type { Settings } from '../../../config/settings.ts'
import { loadSettings } from '../../../host/identity/settings.ts'
import { type Answer, type Handler, misuse } from '../../command.ts'
import { findPeer, type Named } from '../../../route/find-peer.ts'
import { pathHistory } from './history.ts'
import { pathDetails, pathLines } from './text.ts'
import { laneInUse } from '../../text/path-words.ts'
import { watchPaths } from './watch.ts'
import { type PeerPaths, peerPaths } from '../../peer-paths.ts'

export const path: Handler = async (call, terminal) => {
  const [wanted] = call.operands
  if (call.has('watch') && call.has('history')) throw misuse('--watch and --history do not go together')
  refuseRootless()
  const settings = loadSettings({})
  const now = new Date()
  if (call.has('history')) return pathHistory(settings, await knownPeers(settings, now), wanted, now)
  const paths = await pathsNow(settings, now)
  if (call.has('watch')) return watchPaths(settings.runDir, paths, wanted, terminal)
  const chosen = only(paths, wanted)
  if (wanted === undefined) return listAnswer(chosen, now)
  // In a list of all peers some host is usually off. A request for one peer is about reaching it.
  return { ...detailsAnswer(chosen, now), exitCode: chosen.peers.some(isCutOff) ? 2 : 0 }
}

// The agent may know paths even without a certificate. If there is neither, report the certificate's error.
async function pathsNow(settings: Settings, now: Date): Promise<PeerPaths> {
  const identity = await identityOrFault(settings, now)
  const fault = identity instanceof CniError ? identity : undefined
  const paths = await peerPaths(settings, identity instanceof CniError ? undefined : identity, now)
  if (fault !== undefined && paths.source === 'kernel') throw fault
  return paths
}

async function identityOrFault(settings: Settings, now: Date): Promise<Identity | CniError> {
  try {
    return await loadIdentity(settings, unixSeconds(now))
  } catch (error) {
    if (error instanceof CniError && error.code !== CniCode.InvalidEnvironment) return error
    throw error
  }
}

// Only for their names and subnets: the history itself is in files.
async function knownPeers(settings: Settings, now: Date): Promise<readonly Named[]> {
  try {
    return (await pathsNow(settings, now)).peers
  } catch (error) {
    if (error instanceof CniError) return []
    throw error
  }
}

// Containers on the peer are unreachable: no route, or a route whose path does not answer.
function isCutOff(peer: PathView | PeerRoute): boolean {
  if (peer.subnets.length === 0) return false
  if ('installed' in peer) return peer.installed === 'none'
  const { sent, received, loss } = laneInUse(peer)
  return peer.route.installed === 'none' || (sent > 0 && (received === 0 || loss === 1))
}

function only(paths: PeerPaths, wanted: string | undefined): PeerPaths {
  if (wanted === undefined) return paths
  if (paths.source === 'agent') return { ...paths, peers: [findPeer(paths.peers, wanted)] }
  return { ...paths, peers: [findPeer(paths.peers, wanted)] }
}

function listAnswer(paths: PeerPaths, now: Date): Answer {
  return { data: pathData(paths), render: (theme) => pathLines(theme, paths, now) }
}

function detailsAnswer(paths: PeerPaths, now: Date): Answer {
  return { data: pathData(paths), render: (theme) => pathDetails(theme, paths, now) }
}

/** Returns the paths as printed with --json. */
export function pathData({ source, peers }: PeerPaths): object {
  return { source, peers }
}
