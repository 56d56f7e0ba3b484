// Simulates the agents of many peers, in one process and in a separate network namespace. Each speaks the
// real protocol at the real pace, via the agent's own engine. Its parent controls it by messages
// (PeersOrders).

import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { ownEnds, laneEnds } from '../../../src/agent/peers/lane-ends.ts'
import { applyTo } from '../../../src/agent/probing/engine.ts'
import { readDatagram } from '../../../src/agent/probing/inbox.ts'
import type { Hands, Scene, Surroundings } from '../../../src/agent/probing/scene.ts'
import { makePeerSet } from '../../../src/agent/peers/peer-set.ts'
import { type AgentPeer, makeNonces } from '../../../src/agent/peers/peer.ts'
import { openSockets } from '../../../src/agent/probing/sockets.ts'
import { parsePrefix } from '../../../src/addr/prefix.ts'
import { AGENT_DEFAULTS } from '../../../src/config/agent-settings.ts'
import { caPool } from '../../../src/nebula/certificate/ca-pool.ts'
import { hostCertificate } from '../../../src/nebula/hosts/host-certificate.ts'
import { peerFacts } from '../../../src/nebula/hosts/peer-facts.ts'
import { hostKey, sharedSecret } from '../../../src/nebula/keys/shared-secret.ts'
import { probeKey } from '../../../src/paths/probe/key.ts'
import type { IdleHost } from './settings.ts'

/** The parent's message once the links exist. */
export interface PeersOrders {
  readonly batch: readonly string[]
  readonly ca: string
  readonly own: IdleHost
  readonly peers: readonly IdleHost[]
  readonly mtuBytes: number
}

// Finer than any interval that the engine needs.
const TICK_MS = 50

process.once('message', (orders: PeersOrders) => {
  execFileSync('ip', ['-batch', '-'], { input: orders.batch.join('\n') })
  // A reply leaves on its own lane, regardless of the route back to the sender.
  for (const link of ['all', 'eth0', 'nebula1'])
    writeFileSync(`/proc/sys/net/ipv4/conf/${link}/rp_filter`, '0')
  const turns = orders.peers.map((peer) => startPeer(peer, orders))
  setInterval(() => {
    const now = performance.now()
    for (const turnAt of turns) turnAt(now)
  }, TICK_MS)
  process.send?.('ready')
})
process.on('disconnect', () => process.exit(0))

/** Starts one peer, which knows one other host: the measured one. Returns the function that drives it. */
function startPeer(self: IdleHost, { ca, own, mtuBytes }: PeersOrders): (now: number) => void {
  const pool = caPool(readFileSync(ca, 'utf8'), ca)
  const pools = [parsePrefix('10.87.0.0/16')].filter((each) => each !== undefined)
  const read = ({ cert }: IdleHost) => {
    const options = { now: Math.floor(Date.now() / 1000), blocklist: new Set<string>(), source: cert }
    const { certificate } = hostCertificate(readFileSync(cert, 'utf8'), pool, options)
    return { certificate, facts: peerFacts(certificate, pools) }
  }
  const [mine, theirs] = [read(self), read(own)]
  const secret = sharedSecret(
    hostKey(readFileSync(self.key, 'utf8'), mine.certificate, self.key),
    theirs.certificate.publicKey,
  )
  if (secret === undefined) throw new Error(`no secret with ${own.cert}`)
  const set = makePeerSet(() => AGENT_DEFAULTS)
  const { joined } = set.update([
    {
      id: own.overlay,
      facts: theirs.facts,
      source: own.cert,
      key: probeKey(secret, mine.facts.fingerprint, theirs.facts.fingerprint),
      wireName: theirs.facts.fingerprint.slice(0, 16),
      ends: laneEnds(mine.facts, theirs.facts),
    },
  ])
  const [peer] = joined as readonly [AgentPeer]
  const around: Surroundings = {
    settings: AGENT_DEFAULTS,
    wireName: mine.facts.fingerprint.slice(0, 16),
    linkUp: true,
    hasGateway: () => true,
    isBusy: false,
    mtuBytes,
  }
  const sockets = openSockets(AGENT_DEFAULTS.port, (address, problem) =>
    process.stderr.write(`${address}: ${problem}\n`),
  )
  // The peer has no routes to change; every echo carries its view of the path.
  const hands: Hands = {
    send: sockets.send,
    act: () => undefined,
    askKernel: () => undefined,
    answered: () => undefined,
    heard: () => undefined,
    echoed: () => undefined,
    refused: () => undefined,
    nonce: makeNonces(),
    random: Math.random,
  }
  const sceneAt = (now: number): Scene => ({ around, hands, own: { sent: 0, received: 0 }, now })
  sockets.deliverTo((incoming) => {
    const event = readDatagram(incoming, { wireName: around.wireName, byWireName: set.byWireName })
    if (event === undefined) return
    applyTo(sceneAt(performance.now()), event)
    due = 0
  })
  const ends = [...ownEnds(mine.facts)].filter(([, lane]) => lane !== 'user')
  sockets.keep(new Map(ends))
  let due = 0
  return (now) => {
    if (due <= now) due = applyTo(sceneAt(now), { kind: 'due', peer, isWoken: true }) ?? now
  }
}
