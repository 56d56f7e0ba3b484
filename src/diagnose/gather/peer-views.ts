// Has the agent ask other hosts' agents for their view.

import { askAgent } from '../../api/client.ts'
import { readPeerView } from '../../views/read-host.ts'
import type { PeerView } from '../../views/host.ts'
import { buildInfo } from '../../build-info.ts'
import type { PeerViewFacts } from '../../check/facts/peer-views.ts'
import { CniCode, CniError, errorText } from '../../cni/error.ts'
import { parseAgentSettings } from '../../config/agent-settings.ts'
import { caPool } from '../../nebula/certificate/ca-pool.ts'
import { readRequired } from '../../state/files/source-file.ts'
import type { GatherContext } from '../context.ts'

// The agent asks another host on one path and then on the other, three seconds each
// (src/agent/http/ask-host.ts).
const ASKING_PART = 0.9

/**
 * Gathers the views of the hosts asked for.
 * @throws CniError when the agent of this host is away, or there is no identity
 */
export async function gatherPeerViews(context: GatherContext): Promise<PeerViewFacts> {
  const settings = await context.get('settings')
  const [{ name }, { mtuBytes }] = await Promise.all([context.get('identity'), context.get('network')])
  const { ca } = settings.nebula
  const { authorities } = caPool(readRequired(ca, 'CA certificate', 'put it back'), ca)
  return {
    own: {
      name,
      version: buildInfo().version,
      authorities: [...authorities.keys()].toSorted(),
      mtuBytes,
      pace: parseAgentSettings(settings.agent.value, settings.agent.path).probe,
    },
    asked: await Promise.all(
      context.askPeers.map(async (peer) => {
        return {
          peer: peer.name,
          answer: await ask(settings.runDir, peer.address, context.limitMs * ASKING_PART),
        }
      }),
    ),
  }
}

async function ask(runDir: string, peer: string, timeoutMs: number): Promise<PeerView | string> {
  const path = `/v1/peer-report?peer=${encodeURIComponent(peer)}`
  try {
    const said = await askAgent(runDir, 'GET', path, { timeoutMs })
    return readPeerView(said) ?? 'its answer cannot be read: it runs another version of flatnet-cni'
  } catch (error) {
    // Any other error is a fault of this host's own agent.
    if (!(error instanceof CniError) || error.code !== CniCode.TryAgainLater) throw error
    return errorText(error)
  }
}
