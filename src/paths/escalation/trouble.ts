// Describes what is wrong with a peer's paths right now, in sentences for people. Empty if nothing is wrong.

import type { Look } from './moment.ts'
import { isAnswering, isSilent, mostRttMs, ms, silenceMs } from './lane.ts'
import type { LaneReading, PeerPath, Reading } from './state.ts'

/** People notice a round trip from here on. It is far below the limit for leaving the path. */
const SLOW_MS = 500

/** Returns the troubles, the worst first. */
export function troublesOf(path: PeerPath, reading: Reading, look: Look): readonly string[] {
  const { now } = look
  return [
    ...reachTroubles(path, reading, look),
    ...qualityTroubles(reading, look),
    ...waitTroubles(path, reading, now),
  ]
}

function reachTroubles(
  path: PeerPath,
  { p2p, gateway, tunnel, linkUp, hasGateway, refused }: Reading,
  look: Look,
): readonly string[] {
  const { now } = look
  const { countFrom } = path
  const isP2pSilent = path.bothSilent || isSilent(p2p, countFrom, look)
  const isGatewaySilent = hasGateway && isSilent(gateway, countFrom, look)
  const troubles: string[] = []
  if (!linkUp) troubles.push('the nebula link is down, so there is no direct path')
  if (isP2pSilent && (isGatewaySilent || path.bothSilent || !hasGateway)) {
    const gatewayToo = hasGateway
      ? `no path answers (direct for ${ago(p2p, countFrom, now)}, ` +
        `gateway for ${ago(gateway, countFrom, now)})`
      : `the direct path has not answered for ${ago(p2p, countFrom, now)}, and there is no gateway path`
    const stays = path.phase === 'P2P_ACTIVE' ? '; traffic stays on the direct path' : ''
    troubles.push(`${gatewayToo}${stays}`)
    if (refused.p2p || refused.gateway)
      troubles.push(
        "the peer's kernel answers, but no agent listens there: systemctl start flatnet-agent on that host",
      )
    return troubles
  }
  if (isGatewaySilent)
    troubles.push(
      `the gateway path has not answered for ${ago(gateway, countFrom, now)}; ${
        path.phase === 'P2P_ACTIVE' ? 'there is no fallback' : 'traffic takes it and is lost'
      }`,
    )
  if (isP2pSilent && isFresh(p2p, look))
    troubles.push(
      "the direct path is one-way: the peer's probes arrive here, but probes from here get no answer",
    )
  else if (isP2pSilent && isAnswering(tunnel, look) && hasAnsweredSince(tunnel, p2p, look))
    troubles.push(
      'the tunnel to the peer answers, but the path between the container subnets does not: ' +
        "check the certificate's subnets, local_cidr in Nebula's firewall rules, and forwarding",
    )
  else if (isP2pSilent && linkUp)
    troubles.push(`the direct path has not answered for ${ago(p2p, countFrom, now)}`)
  return troubles
}

function qualityTroubles({ p2p, gateway }: Reading, look: Look): readonly string[] {
  const { options } = look
  const named: readonly (readonly [string, LaneReading])[] = [
    ['direct', p2p],
    ['gateway', gateway],
  ]
  return named.flatMap(([name, lane]) => {
    if (!isAnswering(lane, look)) return []
    const troubles: string[] = []
    const loss = Math.max(lane.lossShort, lane.lossLong)
    if (loss > options.lossLong.most)
      troubles.push(`the ${name} path loses ${String(Math.round(loss * 100))} % of the probes`)
    if (lane.rttMs !== undefined && lane.rttMs > SLOW_MS) {
      const most = lane === p2p ? ` (the limit is ${ms(mostRttMs(gateway, options))})` : ''
      troubles.push(`the ${name} path is slow: answers take ${ms(lane.rttMs)}${most}`)
    }
    if (lane.bigMissedInRow >= options.bigMissed)
      troubles.push(
        `the ${name} path loses full-size packets while small ones pass: lower tun.mtu on all hosts`,
      )
    return troubles
  })
}

function waitTroubles(path: PeerPath, { peer, linkUp }: Reading, now: number): readonly string[] {
  const isResting = path.phase === 'GATEWAY_ONLY' || path.phase === 'GATEWAY_FALLBACK'
  if (!isResting || !linkUp) return []
  if (peer === undefined) return ["no message from the peer's agent so far"]
  const holdMs = path.holdUntil - now
  // The hold-off right after a start is normal.
  if (holdMs > 0 && (path.wasActive || path.timeouts > 0))
    return [`the direct path is held back for another ${seconds(holdMs)}: ${path.detail}`]
  if (peer.holdMs > 0 && peer.reason !== 'agent-start')
    return [`the peer holds the direct path back for another ${seconds(peer.holdMs)}: ${peer.reason}`]
  return []
}

// An answer from before the silence says nothing: the whole host may have gone since.
function hasAnsweredSince(tunnel: LaneReading, p2p: LaneReading, { options }: Look): boolean {
  return tunnel.repliedAt > p2p.unansweredSince + options.silenceMs
}

function isFresh({ heardAt, intervalMs }: LaneReading, { now, options }: Look): boolean {
  return now - heardAt <= Math.max(options.silenceMs, options.silenceIntervals * intervalMs)
}

function ago(lane: LaneReading, countFrom: number, now: number): string {
  return seconds(silenceMs(lane, countFrom, now))
}

function seconds(value: number): string {
  return value < 10_000 ? `${(value / 1000).toFixed(1)} s` : `${String(Math.round(value / 1000))} s`
}
