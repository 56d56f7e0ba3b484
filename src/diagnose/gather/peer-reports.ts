// Has the agent ask other hosts' agents for their half.

import { askAgent } from '../../api/client.ts'
import { readPeerReport } from '../../api/read-report.ts'
import type { PeerReport } from '../../api/report.ts'
import { buildInfo } from '../../build-info.ts'
import type { PeerReportFacts } from '../../check/facts/peer-reports.ts'
import { CniCode, CniError } from '../../cni/error.ts'
import { parseAgentSettings } from '../../config/agent-settings.ts'
import { caPool } from '../../nebula/ca-pool.ts'
import { readRequired } from '../../state/source-file.ts'
import type { GatherContext } from '../context.ts'

/** @throws CniError when the agent of this host is away, or there is no identity */
export async function gatherPeerReports(context: GatherContext): Promise<PeerReportFacts> {
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
        return { peer: peer.name, answer: await ask(settings.runDir, peer.address, context.limitMs) }
      }),
    ),
  }
}

async function ask(runDir: string, peer: string, timeoutMs: number): Promise<PeerReport | string> {
  const path = `/v1/peer-report?peer=${encodeURIComponent(peer)}`
  try {
    const said = await askAgent(runDir, 'GET', path, { timeoutMs })
    return readPeerReport(said) ?? 'its answer is not understood: it runs another version of flatnet-cni'
  } catch (error) {
    // Anything else is this host's own agent's fault.
    if (!(error instanceof CniError) || error.code !== CniCode.TryAgainLater) throw error
    return `${error.message}: ${error.details}`
  }
}
