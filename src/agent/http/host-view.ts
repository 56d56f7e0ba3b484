// This host's view of itself for other hosts, and requests for theirs (src/views/host.ts defines the shape).

import type { IncomingMessage } from 'node:http'
import { formatIp } from '../../addr/ip.ts'
import { formatPrefix } from '../../addr/prefix.ts'
import { CniCode, CniError } from '../../cni/error.ts'
import type { HostView, PeerView } from '../../views/host.ts'
import { readHostView } from '../../views/read-host.ts'
import type { PathView } from '../../views/paths.ts'
import { buildInfo } from '../../build-info.ts'
import { askHost, type Target, targetAt } from './ask-host.ts'
import { callerOf, type HttpMounts } from './http.ts'
import type { AgentPeer } from '../peers/peer.ts'
import { noteClock } from '../peers/peer-clock.ts'
import type { PeerSet } from '../peers/peer-set.ts'
import type { World } from '../world/world.ts'

/** The path of the request. */
const HOST_VIEW_PATH = '/v1/report'

export interface HostViewParts {
  readonly world: () => World
  readonly peers: PeerSet
  readonly viewOf: (peer: AgentPeer) => Promise<PathView>
}

// A view has some kilobytes.
const MOST_BYTES = 262_144

/** Answers known hosts, at whichever of their addresses they ask from. */
export function hostViewMount(parts: HostViewParts): HttpMounts {
  return {
    [HOST_VIEW_PATH]: {
      methods: ['GET'],
      handle: async (request, response) => {
        const asking = peerAt(parts.peers, request)
        // Only known hosts may ask on the container subnets. Nebula guards the overlay.
        const mayAsk = asking !== undefined || isKnownAt(parts.world(), request)
        if (!mayAsk) response.statusCode = 403
        response.setHeader('content-type', 'application/json')
        response.end(mayAsk ? `${JSON.stringify(await viewFor(parts, asking))}\n` : '{}\n')
      },
    },
  }
}

/**
 * Asks a peer through Nebula, or else through the gateway.
 * @throws CniError TryAgainLater if neither brings an answer
 */
export async function askPeer(parts: HostViewParts, peer: AgentPeer): Promise<PeerView> {
  const problems: string[] = []
  for (const by of ['tunnel', 'gateway'] as const) {
    const target = targetAt(peer.contact, by, parts.world().agent.port)
    if (target === undefined) continue
    const begun = performance.now()
    const said = await askHostView(target)
    const roundTripMs = performance.now() - begun
    if ('why' in said) {
      problems.push(`by the ${by}: ${said.why}`)
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
    `${name}: ${problems.join('; ')}; check that its agent runs: flatnet-cni status there`,
  )
}

/** Asks one host for its view. Never rejects: returns why there is none. */
export async function askHostView(target: Target): Promise<HostView | { readonly why: string }> {
  const answer = await askHost(target, { method: 'GET', path: HOST_VIEW_PATH }, undefined, {
    mostBytes: MOST_BYTES,
  })
  if ('why' in answer) return answer
  return (
    parseHostView(answer.status, answer.body.toString('utf8')) ?? { why: `answer ${String(answer.status)}` }
  )
}

async function viewFor({ world, viewOf }: HostViewParts, asking: AgentPeer | undefined): Promise<HostView> {
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
    path: asking === undefined ? null : await viewOf(asking),
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

// A lighthouse without containers is not probed.
function isKnownAt({ peers }: World, request: IncomingMessage): boolean {
  const from = callerOf(request)
  return (
    from !== undefined &&
    peers.known.some(({ overlay }) =>
      overlay.some(({ family, value }) => family === from.family && value === from.value),
    )
  )
}

function parseHostView(status: number, text: string): HostView | undefined {
  if (status !== 200) return undefined
  try {
    return readHostView(JSON.parse(text))
  } catch {
    return undefined
  }
}
