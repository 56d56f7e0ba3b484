// The peers of this host and their paths: measured by the agent if one runs, otherwise from
// certificates and routes.

import { agentStatus } from '../api/agent-status.ts'
import type { PathView, StatusView } from '../views/paths.ts'
import { CniCode, CniError } from '../cni/error.ts'
import type { Identity } from '../host/identity/identity.ts'
import { type PeerRoute, peerRoutes } from '../host/routes/peer-routes.ts'
import type { Settings } from '../config/settings.ts'

/** Either the agent's view or the host's own, where `why` tells why the agent did not answer. */
export type PeerPaths =
  | {
      readonly source: 'agent'
      readonly status: StatusView
      readonly peers: readonly PathView[]
      readonly refused: Refused
    }
  | {
      readonly source: 'kernel'
      readonly why: CniError
      readonly peers: readonly PeerRoute[]
      readonly refused: Refused
    }

type Refused = readonly { readonly peer: string; readonly reason: string }[]

/**
 * Asks the agent, or examines the host itself if no agent answers.
 * @throws CniError
 */
export async function peerPaths(
  settings: Settings,
  identity: Identity | undefined,
  now: Date,
): Promise<PeerPaths> {
  try {
    const status = await agentStatus(settings.runDir)
    return { source: 'agent', status, peers: status.peers, refused: status.refusedPeers }
  } catch (error) {
    if (!(error instanceof CniError) || !isAway(error)) throw error
    if (identity === undefined) return { source: 'kernel', why: error, peers: [], refused: [] }
    return { source: 'kernel', why: error, ...(await peerRoutes(settings, identity, now)) }
  }
}

// TryAgainLater: the agent is starting.
function isAway({ code }: CniError): boolean {
  return code === CniCode.AgentUnreachable || code === CniCode.TryAgainLater
}
