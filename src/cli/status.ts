// `flatnet-cni status`: this host and every peer with its path, at a glance.

import { formatPrefix } from '../addr/prefix.ts'
import { CniError } from '../cni/error.ts'
import { refuseRootless } from '../exec/proc.ts'
import { lookAtHost, type Overview, type Trouble } from '../host/overview.ts'
import type { Handler } from './command.ts'
import { daysLeft } from './figures.ts'
import { type PeerPaths, peerPaths } from './peer-paths.ts'
import { statusText } from './status-text.ts'

/** Everything that is shown. */
export interface StatusReport {
  readonly host: Overview
  /** Undefined where even the settings cannot be read. */
  readonly paths: PeerPaths | undefined
  readonly troubles: readonly Trouble[]
  readonly now: Date
}

export const status: Handler = async (call) => {
  refuseRootless()
  const report = await lookAtStatus(new Date())
  return {
    data: statusData(report),
    render: (theme) => statusText(theme, report),
    exitCode: exitCode(report, call.has('strict')),
  }
}

/** Looks at the host and asks its agent; what cannot be seen is among the troubles. */
export async function lookAtStatus(now: Date): Promise<StatusReport> {
  const host = await lookAtHost(now)
  const troubles: Trouble[] = [...host.troubles]
  let paths: PeerPaths | undefined
  if (host.settings !== undefined) {
    try {
      paths = await peerPaths(host.settings, host.identity, now)
    } catch (error) {
      if (!(error instanceof CniError)) throw error
      troubles.push({ level: 'fail', what: error.message, details: error.details })
    }
  }
  if (paths?.source === 'kernel')
    troubles.push({ level: 'warn', what: paths.why.message, details: paths.why.details })
  if (paths?.source === 'agent' && paths.status.lastError !== null)
    troubles.push({ level: 'warn', what: 'the agent reports a fault', details: paths.status.lastError })
  for (const { peer, reason } of paths?.refused ?? [])
    troubles.push({ level: 'warn', what: `peer ${peer} refused`, details: reason })
  return { host, paths, troubles, now }
}

/** The report as --json has it. */
export function statusData({ host, paths, troubles, now }: StatusReport): object {
  const { settings, identity, network, nebula, bridge, records, damaged, leased } = host
  return {
    at: now.toISOString(),
    name: identity?.name ?? null,
    overlay: identity?.overlay.map(formatPrefix) ?? [],
    subnets: identity?.subnets.map(formatPrefix) ?? [],
    pool: settings?.pools.map(formatPrefix) ?? [],
    certificate:
      identity === undefined
        ? null
        : {
            fingerprint: identity.fingerprint,
            notAfter: new Date(identity.notAfter * 1000).toISOString(),
            daysLeft: daysLeft(identity.notAfter, now),
          },
    nebula: nebula ?? null,
    bridge: bridge ?? null,
    gateways: network?.gateways.map(({ dev }) => dev) ?? [],
    attachments: { count: records.length, leased, damaged },
    agent: paths?.source === 'agent' ? paths.status.agent : null,
    source: paths?.source ?? null,
    peers: paths?.peers ?? [],
    refusedPeers: paths?.refused ?? [],
    troubles,
  }
}

function exitCode({ troubles, paths }: StatusReport, isStrict: boolean): number {
  if (troubles.some(({ level }) => level === 'fail')) return 2
  const peers = paths?.source === 'agent' ? paths.peers : []
  return isStrict && (troubles.length > 0 || peers.some((peer) => peer.troubles.length > 0)) ? 1 : 0
}
