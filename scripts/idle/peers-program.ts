// Poses as the agents of many peers, in one process and in a network namespace of its own: each speaks the real protocol
// at the real pace, by the agent's own engine. Told what to do by messages from its parent (PeersOrders).

import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { ownEnds, laneEnds } from '../../src/agent/contacts.ts'
import { type Hands, type Surroundings, turn } from '../../src/agent/engine.ts'
import { takeIn } from '../../src/agent/incoming.ts'
import { makePeerSet } from '../../src/agent/peer-set.ts'
import type { AgentPeer } from '../../src/agent/peer.ts'
import { openSockets } from '../../src/agent/sockets.ts'
import { parsePrefix } from '../../src/addr/prefix.ts'
import { AGENT_DEFAULTS } from '../../src/config/agent-settings.ts'
import { caPool } from '../../src/nebula/ca-pool.ts'
import { hostCertificate } from '../../src/nebula/host-certificate.ts'
import { peerFacts } from '../../src/nebula/peer.ts'
import { hostKey, sharedSecret } from '../../src/nebula/shared-secret.ts'
import { probeKey } from '../../src/probe/key.ts'
import type { IdleHost } from './settings.ts'

/** What the parent sends once the links are here. */
export interface PeersOrders {
  readonly batch: readonly string[]
  readonly ca: string
  readonly own: IdleHost
  readonly peers: readonly IdleHost[]
  readonly mtuBytes: number
}

// Finer than any interval of the engine's needs.
const TICK_MS = 50

process.once('message', (orders: PeersOrders) => {
  execFileSync('ip', ['-batch', '-'], { input: orders.batch.join('\n') })
  // A reply goes by its own lane, whatever the route back to where the question came from.
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

/** One peer, which knows one other host: the one that is measured. Returns what moves it on. */
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
  const sockets = openSockets(
    AGENT_DEFAULTS.port,
    (incoming) => {
      if (incoming.datagram.length === 0) return
      takeIn(incoming, {
        around,
        hands,
        peerByWireName: set.byWireName,
        answer: (datagram) => sockets.send(datagram, incoming.to, incoming.from, incoming.port),
        now: performance.now(),
      })
      due = 0
    },
    (address, problem) => process.stderr.write(`${address}: ${problem}\n`),
  )
  // It has no routes to change; what it thinks of the path goes along with every echo.
  const hands: Hands = {
    send: sockets.send,
    act: () => undefined,
    askKernel: () => undefined,
    random: Math.random,
  }
  const ends = [...ownEnds(mine.facts)].filter(([, lane]) => lane !== 'user')
  sockets.keep(new Map(ends))
  let due = 0
  return (now) => {
    if (due <= now) due = turn(peer, around, hands, { sent: 0, received: 0 }, now)
  }
}
