// What follows from the agent's view of things and is made anew only when that changes.

import { type Ip, parseIp } from '../../addr/ip.ts'
import type { AgentSettings } from '../../config/agent-settings.ts'
import type { AgentIdentity } from '../../host/agent-identity.ts'
import { loadNebulaConfig } from '../../host/nebula-config.ts'
import type { Peers } from '../../host/peers.ts'
import { formatPem } from '../../nebula/pem.ts'
import { renderList, type RenderedList } from './certificate-list.ts'
import type { ExchangeView } from './exchange.ts'

// The agent's own setting goes before the lighthouses of Nebula's configuration, which is read again with the settings.
/** The lighthouses' overlay addresses. */
export function lighthouseFinder(): (view: ExchangeView) => readonly Ip[] {
  let of: AgentSettings | undefined
  let found: readonly Ip[] = []
  return ({ agent, settings }) => {
    if (agent === of) return found
    of = agent
    const hosts = (): readonly Ip[] =>
      loadNebulaConfig(settings.nebula.config).facts.lighthouse.hosts.flatMap((text) => parseIp(text) ?? [])
    found = agent.lighthouses.length > 0 ? agent.lighthouses : hosts()
    return found
  }
}

// Made anew when the peers are, and when the first of them expires.
/** The list that this host gives to others. */
export function listCache(nowMs: () => number): (view: ExchangeView) => RenderedList {
  let made: { of: Peers; by: AgentIdentity; until: number; list: RenderedList } | undefined
  return ({ identity, peers }) => {
    const now = nowMs() / 1000
    if (made?.of === peers && made.by === identity && now <= made.until) return made.list
    const valid = peers.known.filter(({ notAfter }) => now <= notAfter)
    const sorted = valid.toSorted((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1))
    const list = renderList([identity.pem, ...sorted.map(({ pem, source }) => formatPem(pem, source))])
    made = { of: peers, by: identity, until: Math.min(...valid.map(({ notAfter }) => notAfter)), list }
    return list
  }
}
