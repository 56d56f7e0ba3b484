// Hosts learn of each other. In rounds this host asks the lighthouses, and now and then others, for the
// certificates they know. It announces its own where it is missing, and answers when asked. Everything
// received is verified; nothing is taken on trust.

import { errorText } from '../../cni/error.ts'
import type { Log } from '../../log.ts'
import { removeLearnt } from '../../state/agent/learnt-peers.ts'
import type { LearningView } from '../../views/paths.ts'
import type { HttpMounts } from '../http/http.ts'
import { askAround, tellAll } from './ask-around.ts'
import { CERTIFICATES_PATH, STATEMENTS_PATH } from './client.ts'
import type { ExchangeCount } from './counts.ts'
import type { ReceivedRefusal } from './learn.ts'
import { type Learner, makeLearner } from './learner.ts'
import { lighthouseFinder, listCache } from './remembered.ts'
import { untilNextRound } from './rounds.ts'
import { makeSeenLists } from './seen-lists.ts'
import { serveList, takeCertificate } from './serve.ts'
import type { ExchangeView } from './view.ts'
import { exchangeStatements } from './statements.ts'
import { announceOwn, giveStatements, targetOf, visit } from './visit.ts'

interface ExchangeOptions {
  /** Called each time for the current view. */
  readonly view: () => ExchangeView
  /** Called when learnt files were added or removed, to load the peers again. */
  readonly onPeersChanged: () => void
  /** Called when a newer statement was stored. */
  readonly onStatements: () => void
  readonly log: Log
  readonly count: (what: ExchangeCount) => void
  /** Called with the number of packets on the nebula link, before they are sent or immediately after. */
  readonly onLink?: (packets: number) => void
  /**
   * Called when a host has shown its clock, and by how much it is ahead.
   * @param overlay its address as text
   */
  readonly onClock?: (overlay: string, aheadMs: number) => void
  /** Unix time in milliseconds, and a number from 0 to 1, for tests. */
  readonly nowMs?: () => number
  readonly random?: () => number
}

export interface Exchange {
  /** Mounts for the agent's HTTP server on the overlay addresses. */
  readonly mounts: HttpMounts
  /**
   * Starts a round immediately, or joins the one in progress, after Nebula or the configuration has changed.
   */
  readonly roundNow: () => Promise<void>
  /** Gives this host's statements and certificate to every host that lacks them. Never rejects. */
  readonly spread: () => Promise<void>
  /** The result of the last complete round. Undefined before the first one. */
  readonly learning: () => LearningView | undefined
  readonly stop: () => Promise<void>
}

/** Starts with an immediate round. */
export function startExchange(options: ExchangeOptions): Exchange {
  const { view, log, onLink = () => undefined, onClock = () => undefined } = options
  const { nowMs = Date.now, random = Math.random } = options
  const seen = makeSeenLists(view, nowMs)
  const learner = makeLearner({ ...options, nowMs })
  const lighthouses = lighthouseFinder()
  let round = 0
  let learning: LearningView | undefined
  let isStopped = false
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined

  const { count } = options
  const refused = (why: ReceivedRefusal): void => count({ kind: 'refused', why })
  const statements = exchangeStatements({ ...options, onLink, refused })
  const asking = { view, seen, statements, isStopped: () => isStopped }
  const visiting = { ...asking, learn: learner.learn, count, onLink, onClock }
  const doRound = async (): Promise<void> => {
    removeOutdated(options, seen.forget)
    const thisRound = { number: round, random: random(), silentRounds: learning?.silentRounds ?? 0 }
    round += 1
    learning = await askAround(view(), lighthouses(view()), thisRound, (host) => visit(visiting, host))
  }
  const roundNow = (): Promise<void> => {
    clearTimeout(timer)
    running ??= doRound()
      .catch((error: unknown) => log('warn', 'exchange failed', { error: errorText(error) }))
      .finally(() => {
        running = undefined
        if (!isStopped)
          timer = setTimeout(() => void roundNow(), untilNextRound(view().agent.exchangeMs, random()))
      })
    return running
  }
  void roundNow()
  return {
    mounts: {
      ...mountsOf(view, learner, nowMs),
      [STATEMENTS_PATH]: { methods: ['POST'], handle: statements.handle },
    },
    roundNow,
    spread: () =>
      tellAll(view(), lighthouses(view()), async (host) => {
        const target = targetOf(view(), host)
        if (target === undefined) return undefined
        await giveStatements(visiting, target)
        await announceOwn(visiting, target)
        return undefined
      }).catch((error: unknown) => log('warn', 'exchange failed', { error: errorText(error) })),
    learning: () => learning,
    stop: async () => {
      isStopped = true
      clearTimeout(timer)
      await running
    },
  }
}

// Removes learnt certificates that newer ones have replaced. The same lists may offer them again.
function removeOutdated({ view, onPeersChanged }: ExchangeOptions, forgetLists: () => void): void {
  const { settings, peers } = view()
  if (peers.outdated.length === 0) return
  removeLearnt(settings.dataDir, peers.outdated)
  forgetLists()
  onPeersChanged()
}

function mountsOf(view: () => ExchangeView, { context, learn }: Learner, nowMs: () => number): HttpMounts {
  const cached = listCache(nowMs)
  const source = {
    list: () => cached(view()),
    context,
    learn: async (pem: string, from: string) => (await learn([pem], from)).hadRoom,
  }
  return {
    [CERTIFICATES_PATH]: {
      methods: ['GET', 'POST'],
      handle: (request, response) =>
        request.method === 'POST'
          ? takeCertificate(source, request, response)
          : serveList(source, request, response),
    },
  }
}
