// Decides which hosts to ask for certificates in which round. Pure: chance arrives as numbers.

import { formatIp, type Ip } from '../../addr/ip.ts'

/**
 * How often hosts besides the lighthouses are asked, in rounds. They know no more, unless the
 * lighthouses lack something.
 */
const OTHERS_EVERY = 10

/** How many of them are asked in one round. */
const OTHERS_AT_ONCE = 8

/** The hosts by overlay address. The result excludes this host's own addresses. */
interface Hosts {
  readonly own: readonly Ip[]
  readonly lighthouses: readonly Ip[]
  /** One address of each other host. */
  readonly peers: readonly Ip[]
}

/** Returns all other hosts, the lighthouses first. */
export function everyone({ own, lighthouses, peers }: Hosts): readonly Ip[] {
  return unique([...lighthouses, ...peers], own)
}

/** Returns the lighthouses, each once. */
export function lighthousesToAsk({ own, lighthouses }: Hosts): readonly Ip[] {
  return unique(lighthouses, own)
}

/**
 * Returns the other hosts to ask in this round, counted from 0: some of them in the first round and every
 * tenth, and whenever no lighthouse has answered.
 * @param random from 0 to 1: where in the list to start
 */
export function othersToAsk(
  hosts: Hosts,
  round: number,
  lighthouseAnswered: boolean,
  random: number,
): readonly Ip[] {
  if (lighthouseAnswered && round % OTHERS_EVERY !== 0) return []
  const others = unique(hosts.peers, [...hosts.own, ...hosts.lighthouses])
  const start = Math.floor(random * others.length)
  return [...others, ...others].slice(start, start + Math.min(OTHERS_AT_ONCE, others.length))
}

/**
 * Returns the milliseconds to the next round: `everyMs`, up to a fifth more or less, so that hosts started
 * together drift apart.
 */
export function untilNextRound(everyMs: number, random: number): number {
  return Math.round(everyMs * (0.8 + 0.4 * random))
}

function unique(some: readonly Ip[], without: readonly Ip[]): readonly Ip[] {
  const seen = new Set(without.map(formatIp))
  return some.filter((ip) => {
    const text = formatIp(ip)
    return !seen.has(text) && seen.add(text)
  })
}
