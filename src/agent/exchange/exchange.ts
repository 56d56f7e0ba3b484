// Hosts learn each other: in rounds this host asks the lighthouses (and now and then others) for the certificates they
// know, tells its own where it is missing, and answers when it is asked. Everything received is verified; nothing that
// anybody says has to be believed.

import { formatIp, type Ip } from '../../addr/ip.ts'
import type { AgentSettings } from '../../config/agent-settings.ts'
import type { Settings } from '../../config/settings.ts'
import type { AgentIdentity } from '../../host/agent-identity.ts'
import type { Peers } from '../../host/peers.ts'
import type { Log } from '../../log.ts'
import { removeLearnt } from '../../state/learnt-peers.ts'
import type { HttpMounts } from '../http.ts'
import { packetsOf, REQUEST_PACKETS, type Target } from '../ask-host.ts'
import { announce, CERTIFICATES_PATH, pullCertificates } from './client.ts'
import { learnCertificates, type LearnContext, type ReceivedRefusal } from './learn.ts'
import { onceLogged } from './once-logged.ts'
import { lighthousesToAsk, othersToAsk, untilNextRound } from './rounds.ts'
import { lighthouseFinder, listCache } from './remembered.ts'
import { serveList, takeCertificate } from './serve.ts'

/** What the agent works from at this moment. */
export interface ExchangeView {
  readonly settings: Settings
  readonly agent: AgentSettings
  readonly identity: AgentIdentity
  readonly blocklist: ReadonlySet<string>
  readonly peers: Peers
}

/** Counted: answers to our questions, and what was refused. */
export type ExchangeCount =
  | { readonly kind: 'pull'; readonly result: 'list' | 'unchanged' | 'failed' }
  | { readonly kind: 'announce'; readonly result: 'taken' | 'refused' | 'failed' }
  | { readonly kind: 'learnt' }
  | { readonly kind: 'refused'; readonly why: ReceivedRefusal }

export interface ExchangeOptions {
  /** Asked each time anew. */
  readonly view: () => ExchangeView
  /** Learnt files have come or gone: load the peers again. */
  readonly onPeersChanged: () => void
  readonly log: Log
  readonly count: (what: ExchangeCount) => void
  /** Told of packets that go over the nebula link, before they do or at once after it. */
  readonly onLink?: (packets: number) => void
  /** A host has shown its clock, ahead by so many milliseconds. @param overlay its address as text */
  readonly onClock?: (overlay: string, aheadMs: number) => void
  /** Unix time in milliseconds, and a number from 0 to 1; for tests. */
  readonly nowMs?: () => number
  readonly random?: () => number
}

export interface Exchange {
  /** For the agent's HTTP server on the overlay addresses. */
  readonly mounts: HttpMounts
  /** A round at once, or the rest of the one under way; for when Nebula or the configuration has come anew. */
  readonly roundNow: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** How many hosts are asked at once. */
const AT_ONCE = 4

/** What is known of a host that was asked before. */
interface Asked {
  /** Undefined: all of the list is to be looked at again. */
  readonly etag: string | undefined
  /** Fingerprint of the own certificate that its list held. */
  readonly ours: string | undefined
}

/** Begins with a round at once. */
export function startExchange(options: ExchangeOptions): Exchange {
  const { view, onPeersChanged, log, count, onLink = () => undefined, onClock = () => undefined } = options
  const { nowMs = Date.now, random = Math.random } = options
  let asked = new Map<string, Asked>()
  let judgedBy: readonly unknown[] = []
  const logRefusal = onceLogged(log)
  const lighthouses = lighthouseFinder()
  const cached = listCache(nowMs)
  let round = 0
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

  // Another CA, blocklist or own certificate: what was refused may be good now, and comes under the same lists.
  const askedSince = (): Map<string, Asked> => {
    const { settings, identity, blocklist } = view()
    const judging = [settings, identity, blocklist]
    if (judging.some((each, index) => each !== judgedBy[index])) asked = new Map()
    judgedBy = judging
    return asked
  }

  /** Whether the host answered. */
  const visit = async (overlay: Ip): Promise<boolean> => {
    const { identity, agent } = view()
    const localAddress = identity.overlay.find(({ family }) => family === overlay.family)
    if (isStopped || localAddress === undefined) return false
    const target: Target = { overlay, port: agent.port, localAddress }
    const key = formatIp(overlay)
    const known = askedSince()
    onLink(REQUEST_PACKETS)
    const pulled = await pullCertificates(target, known.get(key)?.etag)
    count({ kind: 'pull', result: pulled.kind })
    if (pulled.kind === 'failed' || isStopped) return false
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
    return true
  }

  const doRound = async (): Promise<void> => {
    const { identity, peers, settings } = view()
    removeOutdated(settings, peers)
    const hosts = {
      own: identity.overlay,
      lighthouses: lighthouses(view()),
      peers: peers.known.flatMap(({ overlay }) => overlay[0] ?? []),
    }
    const answers = await inTurns(lighthousesToAsk(hosts), visit)
    const others = othersToAsk(hosts, round, answers.includes(true), random())
    round += 1
    await inTurns(others, visit)
  }
  const removeOutdated = (settings: Settings, { outdated }: Peers): void => {
    if (outdated.length === 0) return
    removeLearnt(settings.dataDir, outdated, nowMs())
    // What was removed may be offered again, under the same lists.
    asked.clear()
    onPeersChanged()
  }

  const roundNow = (): Promise<void> => {
    clearTimeout(timer)
    running ??= doRound()
      .catch((error: unknown) =>
        log('warn', 'exchange failed', { error: error instanceof Error ? error.message : String(error) }),
      )
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
    stop: async () => {
      isStopped = true
      clearTimeout(timer)
      await running
    },
  }
}

async function inTurns(
  hosts: readonly Ip[],
  visit: (host: Ip) => Promise<boolean>,
): Promise<readonly boolean[]> {
  const answers: boolean[] = []
  for (let start = 0; start < hosts.length; start += AT_ONCE) {
    answers.push(...(await Promise.all(hosts.slice(start, start + AT_ONCE).map(visit))))
  }
  return answers
}
