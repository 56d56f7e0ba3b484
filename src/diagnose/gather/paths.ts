// Gathers the paths to the other hosts from the agent.

import type { Facts } from '../../check/facts.ts'
import { parseAgentSettings } from '../../config/agent-settings.ts'
import type { GatherContext } from '../context.ts'

/**
 * Gathers the paths.
 * @throws Error when the agent does not answer
 */
export async function gatherPaths({ get }: GatherContext): Promise<Facts['paths']> {
  const [{ status, problem }, { gateway, peerGateways, agent }] = await Promise.all([
    get('agent'),
    get('settings'),
  ])
  if (status === undefined) throw new Error(problem ?? 'the agent does not answer')
  return {
    peers: status.peers,
    refused: status.refusedPeers,
    hasGateway: gateway.via !== 'none' || peerGateways.size > 0,
    pace: parseAgentSettings(agent.value, agent.path).probe,
  }
}
