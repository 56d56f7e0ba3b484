// Keeps the agent's picture of the world true: follows the kernel's notices, looks at everything every half minute, takes in
// certificates that came, and collects garbage.

import { CniError } from '../cni/error.ts'
import { startMonitor } from '../exec/monitor.ts'
import { readLinkIndex } from '../exec/proc.ts'
import { peersOnP2p } from '../host/agent-routes.ts'
import { sweepDrill } from '../host/drill.ts'
import { type KernelNotice, parseMonitorLine } from '../ip/monitor-line.ts'
import type { Log } from '../log.ts'
import { hostSignature, prepareHost } from './addressing.ts'
import { judge, type Hands } from './engine.ts'
import { gather } from './gather.ts'
import type { GarbageCollector } from './garbage.ts'
import type { Loop } from './loop.ts'
import type { PeerSet } from './peer-set.ts'
import type { RouteKeeper } from './route-keeper.ts'
import { loadWorld, withNetwork, withPeers, type World, worldStamp } from './world.ts'

export interface UpkeepParts {
  readonly world: () => World
  readonly change: (world: World) => void
  readonly peers: PeerSet
  readonly routes: RouteKeeper
  readonly garbage: GarbageCollector
  readonly loop: Loop
  readonly hands: Hands
  readonly log: Log
}

export interface Upkeep {
  /** Settings and certificates anew. Never rejects: what is wrong is logged, and what was before stays. */
  readonly reload: () => Promise<void>
  /** Certificates have come or gone. Never rejects. */
  readonly peersChanged: () => Promise<void>
  readonly stop: () => Promise<void>
  /** What could not be done last, in words. */
  readonly trouble: () => string | undefined
}

// Nebula's start alone brings a dozen notices within some milliseconds.
const GATHER_MS = 60
const NOT_TAKEN_OVER = 'settings not taken over'
// A container that ends takes its links along at once and its record a moment later.
const LINK_GARBAGE_MS = 5000
// setTimeout's 32 bits; what ends later is seen by the rounds meanwhile.
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** Does everything once, then keeps at it. @throws CniError when the first round fails */
export async function startUpkeep(parts: UpkeepParts): Promise<Upkeep> {
  const { peers, routes, garbage, loop, hands, log } = parts
  let nebulaIndex: number | undefined
  let signature: string | undefined
  const troubles = new Map<string, string>()
  let turn: Promise<unknown> = Promise.resolve()
  let isStopped = false

  // One thing at a time: each looks at a world that the one before has finished with.
  const inTurn = (what: string, work: () => Promise<void>): Promise<void> => {
    const mine = turn.then(async () => {
      if (isStopped) return
      try {
        await work()
        troubles.delete(what)
      } catch (error) {
        if (!(error instanceof CniError)) throw error
        const trouble = `${error.message}: ${error.details}`
        // What is tried again every round is told once.
        if (troubles.get(what) !== trouble) log('warn', what, { error: trouble })
        troubles.set(what, trouble)
      }
    })
    turn = mine
    return mine
  }

  const linkGone = (restarted: boolean): void => {
    const now = performance.now()
    for (const peer of peers.all()) judge(peer, { kind: 'link-gone', restarted }, loop.around(), hands, now)
  }

  const lookAtNetwork = async (isThorough: boolean): Promise<void> => {
    try {
      await followNetwork(isThorough)
    } finally {
      // Whatever keeps the rest from being put right: the routes are what connections hang on.
      await routes.reconcile()
    }
  }
  const followNetwork = async (isThorough: boolean): Promise<void> => {
    const before = parts.world().network.nebulaDev
    parts.change(await withNetwork(parts.world()))
    const dev = parts.world().network.nebulaDev
    const index = dev === undefined ? undefined : readLinkIndex(dev)
    if (before !== undefined && dev === undefined) linkGone(false)
    else if (nebulaIndex !== undefined && index !== undefined && index !== nebulaIndex) linkGone(true)
    if (index !== undefined) nebulaIndex = index
    // What prepares the host makes notices of its own: without a change there is nothing to prepare.
    const now = hostSignature(parts.world())
    if (isThorough || now !== signature) {
      await prepareHost(parts.world(), unixNow(), log)
      signature = hostSignature(parts.world())
      loop.wake()
    }
  }

  const lookAtPeers = async (): Promise<void> => {
    // Not by the reason's words: they say what time it is.
    const before = new Set(parts.world().peers.refused.map(({ peer, kind }) => `${peer} ${kind}`))
    parts.change(withPeers(parts.world(), unixNow()))
    for (const { peer, reason, kind } of parts.world().peers.refused)
      if (!before.has(`${peer} ${kind}`)) log('warn', 'peer refused', { peer, error: reason })
    await applyPeers()
  }

  const applyPeers = async (): Promise<void> => {
    const world = parts.world()
    const onP2p = await peersOnP2p(world, world.peers.accepted)
    const { joined, left, renewed } = peers.update(world.contacts)
    const now = performance.now()
    for (const peer of left) {
      judge(peer, { kind: 'certificate' }, loop.around(), hands, now)
      routes.withdraw(peer)
      log('info', 'peer left', { peer: peer.contact.facts.name })
    }
    for (const peer of renewed) {
      peer.word = undefined
      judge(peer, { kind: 'certificate' }, loop.around(), hands, now)
    }
    for (const peer of joined) {
      log('info', 'peer joined', { peer: peer.contact.facts.name, address: peer.contact.id })
      judge(peer, { kind: 'start', adopt: onP2p.has(peer.contact.id) }, loop.around(), hands, now)
    }
    await routes.reconcile()
    loop.wake()
    lookAgainAtExpiry(world.peers.validUntil)
  }

  // A certificate that ends takes its routes along at once, not with the next round.
  let expiry: NodeJS.Timeout | undefined
  const lookAgainAtExpiry = (validUntil: number): void => {
    clearTimeout(expiry)
    const inMs = (validUntil + 1) * 1000 - Date.now()
    if (inMs > LONGEST_TIMER_MS) return
    expiry = setTimeout(() => void inTurn('certificates not looked at', lookAtPeers), Math.max(0, inMs))
  }

  let isLookWaiting = false
  const gathered = gather(GATHER_MS, () => {
    // One that has not begun yet sees everything that this one would.
    if (isLookWaiting) return
    isLookWaiting = true
    void inTurn('network not looked at', () => {
      isLookWaiting = false
      return lookAtNetwork(false)
    })
  })
  const linkGarbage = gather(LINK_GARBAGE_MS, () => {
    if (!isStopped) void garbage.collectNow()
  })
  const onNotice = (notice: KernelNotice): void => {
    if (notice.kind === 'other') return
    const { nebulaDev } = parts.world().network
    if (notice.kind === 'link-gone' && notice.dev === nebulaDev) {
      // Before anything is looked at: the kernel has the gateway route in use already, and the peer has to be told.
      const world = parts.world()
      parts.change({ ...world, network: { ...world.network, nebulaDev: undefined } })
      linkGone(false)
    }
    if (notice.kind === 'link-gone') linkGarbage()
    gathered()
  }

  await sweepDrill(true)
  await prepareHost(parts.world(), unixNow(), log)
  await applyPeers()
  const { nebulaDev } = parts.world().network
  nebulaIndex = nebulaDev === undefined ? undefined : readLinkIndex(nebulaDev)
  const stopMonitor = await startMonitor({
    onLine: (line) => onNotice(parseMonitorLine(line)),
    onGap: gathered,
  })
  const { reconcileMs, gcMs } = parts.world().agent
  let filesSeen = worldStamp(parts.world())
  let filesTried = ''
  const takeOver = async (): Promise<void> => {
    // Before they are read: what changes meanwhile is seen the next time.
    const stamp = worldStamp(parts.world())
    const isTriedAgain = stamp === filesTried
    filesTried = stamp
    filesSeen = stamp
    try {
      const next = await loadWorld(unixNow(), isTriedAgain ? () => undefined : log, parts.world())
      parts.change(next)
    } catch (error) {
      // A certificate that is not valid yet, a gateway that is out of reach: the same files may be good later.
      filesSeen = ''
      throw error
    }
    try {
      await prepareHost(parts.world(), unixNow(), log)
    } finally {
      await applyPeers()
    }
    log('info', 'settings taken over')
  }
  const rounds = [
    setInterval(() => {
      if (worldStamp(parts.world()) !== filesSeen) void inTurn(NOT_TAKEN_OVER, takeOver)
      void inTurn('network not looked at', () => lookAtNetwork(true))
      void inTurn('certificates not looked at', lookAtPeers)
    }, reconcileMs),
    setInterval(() => void garbage.collectNow(), gcMs),
  ]
  void garbage.collectNow()

  return {
    reload: () => {
      // Whoever asks for it is told what is wrong, every time.
      filesTried = ''
      troubles.delete(NOT_TAKEN_OVER)
      return inTurn(NOT_TAKEN_OVER, takeOver)
    },
    peersChanged: () => inTurn('certificates not looked at', lookAtPeers),
    stop: async () => {
      isStopped = true
      for (const round of rounds) clearInterval(round)
      clearTimeout(expiry)
      stopMonitor()
      await turn
    },
    trouble: () => [...troubles.values()][0],
  }
}

function unixNow(): number {
  return Math.floor(Date.now() / 1000)
}
