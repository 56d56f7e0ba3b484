// Whose view is asked for (`check --peer`): found among the peers that the agent of this host knows, before anything is
// looked at, so that a name that nobody has and an agent that is away are not taken for a fault of another host.

import { agentStatus } from '../api/agent-status.ts'
import { loadSettings } from '../host/settings.ts'
import { findPeer } from '../route/find-peer.ts'
import type { AskedPeer } from './context.ts'

/** @throws CniError AgentUnreachable; InvalidConfig when one is nobody's name, or several hosts' */
export async function findAskedPeers(
  wanted: readonly string[],
  settingsFile: string,
): Promise<readonly AskedPeer[]> {
  if (wanted.length === 0) return []
  const { peers } = await agentStatus(loadSettings({}, settingsFile).runDir)
  const found = wanted.map((each) => findPeer(peers, each))
  return [...new Set(found)].map(({ name, overlay }) => ({ name, address: overlay[0] ?? name }))
}
