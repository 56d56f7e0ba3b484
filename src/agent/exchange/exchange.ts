// Hosts learn of each other. In rounds this host asks the lighthouses, and now and then others, for the
// certificates they know. It announces its own where it is missing, and answers when asked. Everything
// received is verified; nothing is taken on trust.

import { errorText } from '../../cni/error.ts'
import type { ExchangeView } from './view.ts'
import { formatIp, type Ip } from '../../addr/ip.ts'
import type { Settings } from '../../config/settings.ts'
import type { Peers } from '../../host/identity/peers.ts'
import type { Log } from '../../log.ts'
import { removeLearnt } from '../../state/agent/learnt-peers.ts'
import type { LearningView } from '../../views/paths.ts'
import type { HttpMounts } from '../http/http.ts'
import { packetsOf, REQUEST_PACKETS, type Target } from '../http/ask-host.ts'
import { announce, CERTIFICATES_PATH, pullCertificates } from './client.ts'
import { learnCertificates, type LearnContext, type ReceivedRefusal } from './learn.ts'
import { onceLogged } from './once-logged.ts'
import { lighthousesToAsk, othersToAsk, untilNextRound } from './rounds.ts'
import { lighthouseFinder, listCache } from './remembered.ts'
import { serveList, takeCertificate } from './serve.ts'

/** What is counted: answers to our requests, and refusals. */
export type ExchangeCount =
  | { readonly kind: 'pull'; readonly result: 'list' | 'unchanged' | 'failed' }
  | { readonly kind: 'announce'; readonly result: 'taken' | 'refused' | 'failed' }
  | { readonly kind: 'learnt' }
  | { readonly kind: 'refused'; readonly why: ReceivedRefusal }

export interface ExchangeOptions {
  /** Called each time for the current view. */
  readonly view: () => ExchangeView
  /** Called when learnt files were added or removed, to load the peers again. */
  readonly onPeersChanged: () => void
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
  /** The result of the last complete round. Undefined before the first one. */
  readonly learning: () => LearningView | undefined
  readonly stop: () => Promise<void>
}

/** How many hosts are asked in parallel. */
const AT_ONCE = 4

// A clock disciplined by a time server drifts far less between two rounds.
const JUMP_MS = 60_000

/** What is known of a host that was asked before. */
interface Asked {
  /** Undefined to examine the whole list again. */
  readonly etag: string | undefined
  /** Fingerprint of this host's certificate in that host's list. */
  readonly ours: string | undefined
}

/** Starts with an immediate round. */
export function startExchange(options: ExchangeOptions): Exchange {
  const { view, onPeersChanged, log, count, onLink = () => undefined, onClock = () => undefined } = options
  const { nowMs = Date.now, random = Math.random } = options
  let asked = new Map<string, Asked>()
  let judgedBy: readonly unknown[] = []
  let clockOffsetMs = nowMs() - performance.now()
  const logRefusal = onceLogged(log)
  const lighthouses = lighthouseFinder()
  const cached = listCache(nowMs)
  let round = 0
  let learning: LearningView | undefined
  let isStopped = false
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined

  const context = (): LearnContext => ({
    ...view(),
    now: Math.floor(nowMs() / 1000),
    refuse: (why, key, detail) => {
      count({ kind: 'refused', why })
      logRefusal(why, key, detail)
    },
  })
  const learn = async (
    pems: readonly string[],
    from: string,
  ): Promise<{ readonly hadRoom: boolean; readonly isFinal: boolean }> => {
    let isFinal = true
    const { refuse, ...judging } = context()
    const { stored, hadRoom } = await learnCertificates(pems, from, {
      ...judging,
      refuse: (why, key, detail) => {
        if (why === 'not-yet-valid' || why === 'full') isFinal = false
        refuse(why, key, detail)
      },
    })
    for (let index = 0; index < stored; index++) count({ kind: 'learnt' })
    if (stored > 0) onPeersChanged()
    return { hadRoom, isFinal }
  }

  // With another CA, blocklist, own certificate or time of day, refused certificates may be accepted, and the
  // lists still contain them.
  const askedSince = (): Map<string, Asked> => {
    const { settings, identity, blocklist } = view()
    const judging = [settings, identity, blocklist]
    const offsetMs = nowMs() - performance.now()
    const hasJumped = Math.abs(offsetMs - clockOffsetMs) > JUMP_MS
    if (hasJumped || judging.some((each, index) => each !== judgedBy[index])) asked = new Map()
    judgedBy = judging
    clockOffsetMs = offsetMs
    return asked
  }

  /** Returns undefined if the host answered, otherwise why it did not. */
  const visit = async (overlay: Ip): Promise<string | undefined> => {
    const { identity, agent } = view()
    const localAddress = identity.overlay.find(({ family }) => family === overlay.family)
    if (isStopped) return 'the agent is stopping'
    if (localAddress === undefined) return 'this host has no overlay address of its family'
    const target: Target = { overlay, port: agent.port, localAddress }
    const key = formatIp(overlay)
    const known = askedSince()
    onLink(REQUEST_PACKETS)
    const pulled = await pullCertificates(target, known.get(key)?.etag)
    count({ kind: 'pull', result: pulled.kind })
    if (pulled.kind === 'failed') return pulled.why
    if (isStopped) return 'the agent is stopping'
    if (pulled.clockAheadMs !== undefined) onClock(key, pulled.clockAheadMs)
    if (pulled.kind === 'list') {
      onLink(packetsOf(pulled.certificates.join('').length))
      const { isFinal } = await learn(pulled.certificates, key)
      const ours = pulled.certificates.includes(identity.pem) ? identity.fingerprint : undefined
      known.set(key, { etag: pulled.etag !== '' && isFinal ? pulled.etag : undefined, ours })
    }
    if (known.get(key)?.ours !== identity.fingerprint) {
      onLink(REQUEST_PACKETS)
      const { kind } = await announce(target, identity.pem)
      count({ kind: 'announce', result: kind })
    }
    return undefined
  }

  const doRound = async (): Promise<void> => {
    const { identity, peers, settings, agent } = view()
    removeOutdated(settings, peers)
    const named = lighthouses(view())
    const hosts = {
      own: identity.overlay,
      lighthouses: named.hosts,
      peers: peers.known.flatMap(({ overlay }) => overlay[0] ?? []),
    }
    const first = lighthousesToAsk(hosts)
    const answers = await inTurns(first, visit)
    const others = othersToAsk(hosts, round, answers.includes(undefined), random())
    round += 1
    const visited = [...first, ...others]
    answers.push(...(await inTurns(others, visit)))
    const own = new Set(identity.overlay.map(formatIp))
    const isLighthouse = named.isOne || named.hosts.some((host) => own.has(formatIp(host)))
    const { answered, silent } = sortOut(visited, answers)
    const silentRounds = answered.length > 0 ? 0 : (learning?.silentRounds ?? 0) + 1
    const names = first.map(formatIp)
    learning = { port: agent.port, isLighthouse, lighthouses: names, answered, silent, silentRounds }
  }
  const removeOutdated = (settings: Settings, { outdated }: Peers): void => {
    if (outdated.length === 0) return
    removeLearnt(settings.dataDir, outdated)
    // The same lists may offer the removed certificates again.
    asked.clear()
    onPeersChanged()
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

  const source = {
    list: () => cached(view()),
    context,
    learn: async (pem: string, from: string) => (await learn([pem], from)).hadRoom,
  }
  void roundNow()
  return {
    mounts: {
      [CERTIFICATES_PATH]: {
        methods: ['GET', 'POST'],
        handle: (request, response) =>
          request.method === 'POST'
            ? takeCertificate(source, request, response)
            : serveList(source, request, response),
      },
    },
    roundNow,
    learning: () => learning,
    stop: async () => {
      isStopped = true
      clearTimeout(timer)
      await running
    },
  }
}

async function inTurns(
  hosts: readonly Ip[],
  visit: (host: Ip) => Promise<string | undefined>,
): Promise<(string | undefined)[]> {
  const answers: (string | undefined)[] = []
  for (let start = 0; start < hosts.length; start += AT_ONCE) {
    answers.push(...(await Promise.all(hosts.slice(start, start + AT_ONCE).map(visit))))
  }
  return answers
}

function sortOut(
  hosts: readonly Ip[],
  answers: readonly (string | undefined)[],
): Pick<LearningView, 'answered' | 'silent'> {
  const named = hosts.map((host, index) => ({ overlay: formatIp(host), reason: answers[index] }))
  return {
    answered: named.filter(({ reason }) => reason === undefined).map(({ overlay }) => overlay),
    silent: named.flatMap(({ overlay, reason }) => (reason === undefined ? [] : [{ overlay, reason }])),
  }
}
