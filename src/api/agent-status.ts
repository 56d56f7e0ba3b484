// What the agent of this host says of itself and its peers.

import { CniCode, CniError } from '../cni/error.ts'
import { askAgent } from './client.ts'
import type { StatusView } from './views.ts'

/** Asks it. @throws CniError AgentUnreachable also for an agent that speaks otherwise than we do */
export async function agentStatus(runDir: string): Promise<StatusView> {
  const said = (await askAgent(runDir, 'GET', '/v1/status')) as Partial<StatusView>
  if (said.version === 1 && Array.isArray(said.peers) && Array.isArray(said.refusedPeers))
    return said as StatusView
  throw new CniError(
    CniCode.AgentUnreachable,
    'agent of another version',
    'what it says is not understood; restart it: systemctl restart flatnet-agent',
  )
}
