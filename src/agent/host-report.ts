// What this host says of itself to other hosts, and asking another one for it (src/api/report.ts has the shape).

import type { IncomingMessage } from 'node:http'
import { formatIp } from '../addr/ip.ts'
import { formatPrefix } from '../addr/prefix.ts'
import { CniCode, CniError } from '../cni/error.ts'
import type { HostReport, PeerReport } from '../api/report.ts'
import { readHostReport } from '../api/read-report.ts'
import type { PathView } from '../api/views.ts'
import { buildInfo } from '../build-info.ts'
import { askHost, targetAt } from './ask-host.ts'
import { callerOf, type HttpMounts } from './http.ts'
import type { AgentPeer } from './peer.ts'
import { noteClock } from './peer-clock.ts'
import type { PeerSet } from './peer-set.ts'
import type { World } from './world.ts'

/** Where an agent gives its report. */
export const REPORT_PATH = '/v1/report'

export interface ReportParts {
  readonly world: () => World
  readonly peers: PeerSet
  readonly viewOf: (peer: AgentPeer) => Promise<PathView>
}

// A report has some kilobytes.
const MOST_BYTES = 262_144

/** Answers hosts that we know, by whichever of their addresses they ask. */
export function reportMount(parts: ReportParts): HttpMounts {
  return {
    [REPORT_PATH]: {
      methods: ['GET'],
      handle: async (request, response) => {
        const asking = peerAt(parts.peers, request)
        // On the container subnets nobody else has a business here; the overlay is Nebula's to guard.
        if (asking === undefined) response.statusCode = 403
        response.setHeader('content-type', 'application/json')
        response.end(asking === undefined ? '{}\n' : `${JSON.stringify(await report(parts, asking))}\n`)
      },
    },
  }
}

/** Asks a peer, through Nebula or else by the gateway. @throws CniError TryAgainLater when it answers by neither */
export async function askPeer(parts: ReportParts, peer: AgentPeer): Promise<PeerReport> {
  const problems: string[] = []
  for (const by of ['tunnel', 'gateway'] as const) {
    const target = targetAt(peer.contact, by, parts.world().agent.port)
    if (target === undefined) continue
    const begun = performance.now()
    const answer = await askHost(target, { method: 'GET', path: REPORT_PATH }, undefined, MOST_BYTES)
    const roundTripMs = performance.now() - begun
    const said = 'why' in answer ? undefined : parseReport(answer.status, answer.body.toString('utf8'))
    if (said === undefined) {
      problems.push(`by the ${by}: ${'why' in answer ? answer.why : `answer ${String(answer.status)}`}`)
      continue
    }
    const clockAheadMs = Math.round(said.clockMs - (Date.now() - roundTripMs / 2))
    noteClock(peer, clockAheadMs)
    const path = await parts.viewOf(peer)
    return { version: 1, by, report: said, clockAheadMs, roundTripMs: Math.round(roundTripMs), path }
  }
  const { name } = peer.contact.facts
  throw new CniError(
    CniCode.TryAgainLater,
    'peer does not answer',
    `${name}: ${problems.join('; ')}; see that its agent runs: flatnet-cni status there`,
  )
}

async function report({ world, viewOf }: ReportParts, asking: AgentPeer): Promise<HostReport> {
  const { identity, network, peers } = world()
  return {
    version: 1,
    name: identity.name,
    agent: buildInfo(),
    clockMs: Date.now(),
    certificate: {
      fingerprint: identity.fingerprint,
      notAfter: new Date(identity.notAfter * 1000).toISOString(),
    },
    cas: [...identity.pool.authorities.keys()].toSorted(),
    subnets: identity.subnets.map(formatPrefix),
    nebulaDev: network.nebulaDev ?? null,
    mtuBytes: network.mtuBytes,
    path: await viewOf(asking),
    refusedPeers: peers.refused.map(({ peer, reason }) => ({ peer, reason })),
  }
}

function peerAt(peers: PeerSet, request: IncomingMessage): AgentPeer | undefined {
  const ip = callerOf(request)
  if (ip === undefined) return undefined
  const from = formatIp(ip)
  return [...peers.all()].find(
    ({ contact }) =>
      contact.facts.overlay.some((overlay) => formatIp(overlay) === from) ||
      contact.ends.get('gateway')?.to === from,
  )
}

function parseReport(status: number, text: string): HostReport | undefined {
  if (status !== 200) return undefined
  try {
    return readHostReport(JSON.parse(text))
  } catch {
    return undefined
  }
}
