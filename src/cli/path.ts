// `flatnet-cni path [PEER]`: the paths of all peers in a line each, or everything about one.

import type { PathView } from '../api/views.ts'
import { CniCode, CniError } from '../cni/error.ts'
import { refuseRootless } from '../exec/proc.ts'
import { type Identity, loadIdentity } from '../host/identity.ts'
import type { PeerRoute } from '../host/peer-routes.ts'
import type { Settings } from '../config/settings.ts'
import { loadSettings } from '../host/settings.ts'
import { type Answer, type Handler, misuse } from './command.ts'
import { findPeer, type Named } from '../route/find-peer.ts'
import { pathHistory } from './path-history.ts'
import { pathDetails, pathLines } from './path-text.ts'
import { laneInUse } from './path-words.ts'
import { watchPaths } from './path-watch.ts'
import { type PeerPaths, peerPaths } from './peer-paths.ts'

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
  // Among all there is always somebody who is off; whoever asks for one wants to reach it.
  return { ...detailsAnswer(chosen, now), exitCode: chosen.peers.some(isCutOff) ? 2 : 0 }
}

// Without a certificate the agent may still have something to say; where there is neither, the certificate's fault is told.
async function pathsNow(settings: Settings, now: Date): Promise<PeerPaths> {
  const identity = await identityOrFault(settings, now)
  const fault = identity instanceof CniError ? identity : undefined
  const paths = await peerPaths(settings, identity instanceof CniError ? undefined : identity, now)
  if (fault !== undefined && paths.source === 'kernel') throw fault
  return paths
}

async function identityOrFault(settings: Settings, now: Date): Promise<Identity | CniError> {
  try {
    return await loadIdentity(settings, Math.floor(now.getTime() / 1000))
  } catch (error) {
    if (error instanceof CniError && error.code !== CniCode.InvalidEnvironment) return error
    throw error
  }
}

// For their names and subnets only: the history itself is in files.
async function knownPeers(settings: Settings, now: Date): Promise<readonly Named[]> {
  try {
    return (await pathsNow(settings, now)).peers
  } catch (error) {
    if (error instanceof CniError) return []
    throw error
  }
}

// Nothing leads to its containers: no route, or the path that the route takes answers nothing.
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

/** The paths as --json has them. */
export function pathData({ source, peers }: PeerPaths): object {
  return { source, peers }
}
