// One round of the exchange: the lighthouses, and now and then others, a few at a time.

import { formatIp, type Ip } from '../../addr/ip.ts'
import type { LearningView } from '../../views/paths.ts'
import type { Lighthouses } from './remembered.ts'
import { everyone, lighthousesToAsk, othersToAsk } from './rounds.ts'
import type { ExchangeView } from './view.ts'

/** How many hosts are asked in parallel. */
const AT_ONCE = 4

interface Round {
  /** Counted from 0. */
  readonly number: number
  /** From 0 to 1. */
  readonly random: number
  /** How many rounds before this one had no answer at all. */
  readonly silentRounds: number
}

/**
 * Visits the hosts whose turn it is.
 * @param visit resolves to undefined if the host answered, otherwise to why it did not
 */
export async function askAround(
  { identity, peers, agent }: ExchangeView,
  lighthouses: Lighthouses,
  round: Round,
  visit: (host: Ip) => Promise<string | undefined>,
): Promise<LearningView> {
  const hosts = hostsOf({ identity, peers }, lighthouses)
  const first = lighthousesToAsk(hosts)
  const answers = await inTurns(first, visit)
  const others = othersToAsk(hosts, round.number, answers.includes(undefined), round.random)
  answers.push(...(await inTurns(others, visit)))
  const { answered, silent } = sortOut([...first, ...others], answers)
  const own = new Set(identity.overlay.map(formatIp))
  return {
    port: agent.port,
    isLighthouse: lighthouses.isOne || lighthouses.hosts.some((host) => own.has(formatIp(host))),
    lighthouses: first.map(formatIp),
    answered,
    silent,
    silentRounds: answered.length > 0 ? 0 : round.silentRounds + 1,
  }
}

/** Visits all other hosts, the lighthouses first. */
export async function tellAll(
  view: ExchangeView,
  lighthouses: Lighthouses,
  visit: (host: Ip) => Promise<undefined>,
): Promise<void> {
  await inTurns(everyone(hostsOf(view, lighthouses)), visit)
}

function hostsOf(
  { identity, peers }: Pick<ExchangeView, 'identity' | 'peers'>,
  lighthouses: Lighthouses,
): Parameters<typeof everyone>[0] {
  return {
    own: identity.overlay,
    lighthouses: lighthouses.hosts,
    peers: peers.known.flatMap(({ overlay }) => overlay[0] ?? []),
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
