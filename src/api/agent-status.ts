// Asks the agent of this host for its status and that of its peers.

import { CniCode, CniError } from '../cni/error.ts'
import { tooLate } from '../cni/late.ts'
import { askAgent, type AskOptions } from './client.ts'
import type { StatusView } from '../views/paths.ts'

/**
 * Returns the agent's status.
 * @throws CniError AgentUnreachable, also for an agent whose answer has a different shape; a late one while
 * it is busy or starting
 */
export async function agentStatus(runDir: string, options: AskOptions = {}): Promise<StatusView> {
  const said = (await askStatus(runDir, options)) as Partial<StatusView>
  if (said.version === 1 && Array.isArray(said.peers) && Array.isArray(said.refusedPeers))
    return said as StatusView
  throw new CniError(
    CniCode.AgentUnreachable,
    'agent of another version',
    'its answer cannot be read; restart it: systemctl restart flatnet-agent',
  )
}

/**
 * Asks for the status and returns the answer as it is.
 * @throws CniError as {@link agentStatus}
 */
export async function askStatus(runDir: string, options: AskOptions = {}): Promise<unknown> {
  try {
    return await askAgent(runDir, 'GET', '/v1/status', options)
  } catch (error) {
    // A starting agent answers once it has prepared the host, which takes long on a busy machine.
    if (!(error instanceof CniError) || error.code !== CniCode.TryAgainLater) throw error
    throw tooLate(error.code, error.message, error.details)
  }
}
