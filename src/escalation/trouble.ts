// What is wrong with a peer's paths right now, in sentences for people. Empty: nothing is.

import { isAnswering, isSilent, mostRttMs, ms, silenceMs } from './lane.ts'
import type { EscalationOptions } from './options.ts'
import type { LaneReading, PeerPath, Reading } from './state.ts'

/** From this round trip on people notice; far below the one that makes the path be left. */
const SLOW_MS = 500

/** The worst first. */
export function troublesOf(
  path: PeerPath,
  reading: Reading,
  now: number,
  options: EscalationOptions,
): readonly string[] {
  return [
    ...reachTroubles(path, reading, now, options),
    ...qualityTroubles(reading, now, options),
    ...waitTroubles(path, reading, now),
  ]
}

function reachTroubles(
  path: PeerPath,
  { p2p, gateway, tunnel, linkUp, hasGateway, refused }: Reading,
  now: number,
  options: EscalationOptions,
): readonly string[] {
  const { countFrom } = path
  const isP2pSilent = path.bothSilent || isSilent(p2p, countFrom, now, options)
  const isGatewaySilent = hasGateway && isSilent(gateway, countFrom, now, options)
  const troubles: string[] = []
  if (!linkUp) troubles.push('the nebula link is down: there is no P2P path')
  if (isP2pSilent && (isGatewaySilent || path.bothSilent || !hasGateway)) {
    const gatewayToo = hasGateway
      ? `neither path answers (P2P for ${ago(p2p, countFrom, now)}, gateway for ${ago(gateway, countFrom, now)})`
      : `the P2P path has not answered for ${ago(p2p, countFrom, now)} and there is no gateway path`
    const stays = path.phase === 'P2P_ACTIVE' ? ': traffic stays on the P2P path' : ''
    troubles.push(`${gatewayToo}${stays}`)
    if (refused.p2p || refused.gateway)
      troubles.push("the peer's kernel answers, but no agent listens there: start it")
    return troubles
  }
  if (isGatewaySilent)
    troubles.push(
      `the gateway path has not answered for ${ago(gateway, countFrom, now)}: ${
        path.phase === 'P2P_ACTIVE' ? 'there is nothing to fall back to' : 'traffic goes there and is lost'
      }`,
    )
  if (isP2pSilent && isFresh(p2p, now, options))
    troubles.push("the P2P path is one-way: the peer's probes arrive, ours are not answered")
  else if (isP2pSilent && isAnswering(tunnel, now, options))
    troubles.push(
      "the tunnel to the peer answers, but not the path between the container subnets: look at the certificate's subnets, at local_cidr in Nebula's firewall, and at forwarding",
    )
  else if (isP2pSilent && linkUp)
    troubles.push(`the P2P path has not answered for ${ago(p2p, countFrom, now)}`)
  return troubles
}

function qualityTroubles(
  { p2p, gateway }: Reading,
  now: number,
  options: EscalationOptions,
): readonly string[] {
  const named: readonly (readonly [string, LaneReading])[] = [
    ['P2P', p2p],
    ['gateway', gateway],
  ]
  return named.flatMap(([name, lane]) => {
    if (!isAnswering(lane, now, options)) return []
    const troubles: string[] = []
    const loss = Math.max(lane.lossShort, lane.lossLong)
    if (loss > options.lossLong.most)
      troubles.push(`the ${name} path loses ${String(Math.round(loss * 100))} % of the probes`)
    if (lane.rttMs !== undefined && lane.rttMs > SLOW_MS) {
      const most = lane === p2p ? ` (it is left above ${ms(mostRttMs(gateway, options))})` : ''
      troubles.push(`the ${name} path is slow: answers take ${ms(lane.rttMs)}${most}`)
    }
    if (lane.bigMissedInRow >= options.bigMissed)
      troubles.push(`the ${name} path loses packets as large as the MTU while small ones pass: lower the MTU`)
    return troubles
  })
}

function waitTroubles(path: PeerPath, { peer, linkUp }: Reading, now: number): readonly string[] {
  const isResting = path.phase === 'GATEWAY_ONLY' || path.phase === 'GATEWAY_FALLBACK'
  if (!isResting || !linkUp) return []
  if (peer === undefined) return ["nothing has been heard from the peer's agent"]
  const holdMs = path.holdUntil - now
  // The first seconds after a start are no trouble.
  if (holdMs > 0 && (path.wasActive || path.timeouts > 0))
    return [`the P2P path is not tried for another ${seconds(holdMs)}: ${path.detail}`]
  if (peer.holdMs > 0 && peer.reason !== 'agent-start')
    return [`the peer does not try the P2P path for another ${seconds(peer.holdMs)}: ${peer.reason}`]
  return []
}

function isFresh({ heardAt, intervalMs }: LaneReading, now: number, options: EscalationOptions): boolean {
  return now - heardAt <= Math.max(options.silenceMs, options.silenceIntervals * intervalMs)
}

function ago(lane: LaneReading, countFrom: number, now: number): string {
  return seconds(silenceMs(lane, countFrom, now))
}

function seconds(value: number): string {
  return value < 10_000 ? `${(value / 1000).toFixed(1)} s` : `${String(Math.round(value / 1000))} s`
}
