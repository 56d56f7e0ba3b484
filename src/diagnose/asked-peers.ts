// Resolves the hosts of `check --peer` among the peers that this host's agent knows. This happens before the
// check starts, so that an unknown name or an absent agent is not reported as a fault of another host.

import { agentStatus } from '../api/agent-status.ts'
import { loadSettings } from '../host/identity/settings.ts'
import { findPeer } from '../route/find-peer.ts'
import type { AskedPeer } from './context.ts'

/**
 * Returns the peers by these names.
 * @param timeoutMs milliseconds of own time until the agent answers
 * @throws CniError AgentUnreachable, a late one for an agent that is alive; InvalidConfig when a name matches
 * no host, or several
 */
export async function findAskedPeers(
  wanted: readonly string[],
  settingsFile: string,
  timeoutMs?: number,
): Promise<readonly AskedPeer[]> {
  if (wanted.length === 0) return []
  const options = timeoutMs === undefined ? {} : { timeoutMs }
  const { peers } = await agentStatus(loadSettings({}, settingsFile).runDir, options)
  const found = wanted.map((each) => findPeer(peers, each))
  return [...new Set(found)].map(({ name, overlay }) => ({ name, address: overlay[0] ?? name }))
}
