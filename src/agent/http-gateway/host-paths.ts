// How each other host is reached, in the words of the page.

import { parseIp } from '../../addr/ip.ts'
import { CniError } from '../../cni/error.ts'
import type { PathChange, PathOfHost } from '../../http-gateway/office.ts'
import type { Phase } from '../../paths/escalation/state.ts'
import type { PathHistory } from '../../state/agent/path-history.ts'
import type { TransitionView } from '../../views/paths.ts'
import { momentNow, timeOf } from '../paths/moment.ts'
import type { AgentPeer } from '../peers/peer.ts'
import type { KnownHost } from '../registry/registry.ts'

export type HostPaths = (host: Pick<KnownHost, 'peer' | 'isSilent'>) => PathOfHost

const CHANGES = 5

/** The histories are read from disk once, and again after each change. */
export function makeHostPaths(history: Pick<PathHistory, 'read'>): HostPaths {
  const read = new WeakMap<
    AgentPeer,
    { readonly transitions: number; readonly changes: readonly PathChange[] }
  >()
  const changesOf = (peer: AgentPeer): readonly PathChange[] => {
    const known = read.get(peer)
    if (known?.transitions === peer.transitions) return known.changes
    const changes = lastChanges(history, peer.contact.id)
    read.set(peer, { transitions: peer.transitions, changes })
    return changes
  }
  return ({ peer, isSilent }) => ({
    path: isSilent ? 'silent' : pathOf(peer.path.phase),
    reason: peer.path.reason,
    detail: peer.path.detail,
    since: timeOf(peer.changedAt, momentNow()).toISOString(),
    changes: changesOf(peer),
  })
}

function pathOf(phase: Phase): 'p2p' | 'gateway' {
  return phase === 'P2P_ACTIVE' ? 'p2p' : 'gateway'
}

function lastChanges(history: Pick<PathHistory, 'read'>, overlay: string): readonly PathChange[] {
  const ip = parseIp(overlay)
  if (ip === undefined) return []
  let all: readonly TransitionView[]
  try {
    all = history.read(ip)
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    // The page shows what it can; the agent's log has the error.
    return []
  }
  return all
    .filter(({ from, to }) => pathOf(from) !== pathOf(to))
    .slice(-CHANGES)
    .toReversed()
    .map(({ at, to, reason }) => ({ at, to: pathOf(to), reason }))
}
