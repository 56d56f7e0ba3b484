// `flatnet-cni path [PEER]`: the paths of all peers in a line each, or everything about one.

import { CniCode, CniError } from '../cni/error.ts'
import { refuseRootless } from '../exec/proc.ts'
import { loadIdentity } from '../host/identity.ts'
import { loadSettings } from '../host/settings.ts'
import { type Answer, type Handler, misuse } from './command.ts'
import { findPeer } from '../route/find-peer.ts'
import { pathHistory } from './path-history.ts'
import { pathDetails, pathLines } from './path-text.ts'
import { watchPaths } from './path-watch.ts'
import { type PeerPaths, peerPaths } from './peer-paths.ts'

export const path: Handler = async (call, terminal) => {
  const [wanted] = call.operands
  if (call.has('watch') && call.has('history')) throw misuse('--watch and --history do not go together')
  refuseRootless()
  const settings = loadSettings({})
  const now = new Date()
  const identity = await identityIfAny(() => loadIdentity(settings, Math.floor(now.getTime() / 1000)))
  const paths = await peerPaths(settings, identity, now)
  const chosen = only(paths, wanted)
  if (call.has('history')) return pathHistory(settings, chosen.peers, now)
  if (call.has('watch')) return watchPaths(settings.runDir, paths, wanted, terminal)
  return wanted === undefined ? listAnswer(chosen, now) : detailsAnswer(chosen, now)
}

// Without a certificate the agent may still have something to say.
async function identityIfAny<T>(load: () => Promise<T>): Promise<T | undefined> {
  try {
    return await load()
  } catch (error) {
    if (error instanceof CniError && error.code !== CniCode.InvalidEnvironment) return undefined
    throw error
  }
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
