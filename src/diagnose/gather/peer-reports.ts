// Has the agent ask other hosts' agents for their half.

import { askAgent } from '../../api/client.ts'
import type { PeerReport } from '../../api/report.ts'
import { buildInfo } from '../../build-info.ts'
import type { PeerReportFacts } from '../../check/facts/peer-reports.ts'
import { CniError } from '../../cni/error.ts'
import { isObject } from '../../config/shape.ts'
import { caPool } from '../../nebula/ca-pool.ts'
import { readRequired } from '../../state/source-file.ts'
import type { GatherContext } from '../context.ts'

export async function gatherPeerReports(context: GatherContext): Promise<PeerReportFacts> {
  const settings = await context.get('settings')
  const [{ name }, { mtuBytes }] = await Promise.all([context.get('identity'), context.get('network')])
  const { ca } = settings.nebula
  const { authorities } = caPool(readRequired(ca, 'CA certificate', 'put it back'), ca)
  return {
    own: { name, version: buildInfo().version, authorities: [...authorities.keys()].toSorted(), mtuBytes },
    asked: await Promise.all(
      context.askPeers.map(async (peer) => {
        return { peer, answer: await ask(settings.runDir, peer, context.limitMs) }
      }),
    ),
  }
}

async function ask(runDir: string, peer: string, timeoutMs: number): Promise<PeerReport | string> {
  const path = `/v1/peer-report?peer=${encodeURIComponent(peer)}`
  try {
    const said = await askAgent(runDir, 'GET', path, { timeoutMs })
    return isObject(said) && isObject(said['report'])
      ? (said as unknown as PeerReport)
      : 'its answer is not understood'
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    return `${error.message}: ${error.details}`
  }
}
