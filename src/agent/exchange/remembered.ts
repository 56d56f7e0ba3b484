// Values derived from the agent's view, rebuilt only when it changes.

import { type Ip, parseIp } from '../../addr/ip.ts'
import type { AgentSettings } from '../../config/agent-settings.ts'
import type { AgentIdentity } from '../../host/identity/agent-identity.ts'
import { loadNebulaConfig } from '../../host/identity/nebula-config.ts'
import type { HeldStatements } from '../../host/identity/statements.ts'
import type { Peers } from '../../host/identity/peers.ts'
import { formatPem } from '../../nebula/certificate/pem.ts'
import { renderList, type RenderedList } from './certificate-list.ts'
import type { ExchangeView } from './view.ts'

/**
 * The overlay addresses of the lighthouses, and whether Nebula's configuration makes this host one of them.
 * The agent's own setting precedes Nebula's configuration, which is read again with the settings.
 */
export interface Lighthouses {
  readonly hosts: readonly Ip[]
  readonly isOne: boolean
}

/** Makes a function that returns the lighthouses. */
export function lighthouseFinder(): (view: ExchangeView) => Lighthouses {
  let of: AgentSettings | undefined
  let found: Lighthouses = { hosts: [], isOne: false }
  return ({ agent, settings }) => {
    if (agent === of) return found
    of = agent
    const { hosts, amLighthouse = false } = loadNebulaConfig(settings.nebula.config).facts.lighthouse
    const named =
      agent.lighthouses.length > 0 ? agent.lighthouses : hosts.flatMap((text) => parseIp(text) ?? [])
    found = { hosts: named, isOne: amLighthouse }
    return found
  }
}

interface Made {
  readonly of: Peers
  readonly by: AgentIdentity
  readonly told: HeldStatements
  readonly at: number
  readonly until: number
  readonly list: RenderedList
}

/**
 * Makes a function that returns this host's list for others. It renders the list again when the peers or
 * statements change, when the first of them expires, and when the clock is set back.
 */
export function listCache(nowMs: () => number): (view: ExchangeView) => RenderedList {
  let made: Made | undefined
  return ({ identity, peers, statements }) => {
    const now = nowMs() / 1000
    const isSame = made?.of === peers && made.by === identity && made.told === statements
    if (made !== undefined && isSame && made.at <= now && now <= made.until) return made.list
    const valid = peers.known.filter(({ notAfter }) => now <= notAfter)
    const sorted = valid.toSorted((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1))
    const list = renderList(
      [identity.pem, ...sorted.map(({ pem, source }) => formatPem(pem, source))],
      [...statements.bySlot.values()].map(({ text }) => text),
    )
    made = {
      of: peers,
      by: identity,
      told: statements,
      at: now,
      until: Math.min(...valid.map(({ notAfter }) => notAfter)),
      list,
    }
    return list
  }
}
