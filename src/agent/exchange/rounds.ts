// Whom to ask for certificates in which round. Pure: chance arrives as numbers.

import { formatIp, type Ip } from '../../addr/ip.ts'

/** Hosts besides the lighthouses are asked every so many rounds: they know no more, unless the lighthouses lack something. */
const OTHERS_EVERY = 10

/** So many of them at once. */
const OTHERS_AT_ONCE = 8

/** Who there is, by overlay address; this host's own are left out of the result. */
export interface Hosts {
  readonly own: readonly Ip[]
  readonly lighthouses: readonly Ip[]
  /** One address of each other host. */
  readonly peers: readonly Ip[]
}

/** The lighthouses, each once. */
export function lighthousesToAsk({ own, lighthouses }: Hosts): readonly Ip[] {
  return unique(lighthouses, own)
}

/**
 * The other hosts to ask in this round, counted from 0: some of them in the first round and every tenth, and whenever no
 * lighthouse has answered. @param random from 0 to 1: where in the list to begin
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

/** Milliseconds to the next round: `everyMs`, up to a fifth more or less, so that hosts started together drift apart. */
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
