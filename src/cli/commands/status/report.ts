// The report of `flatnet-cni status`, as data.

import { daysUntil } from '../../../nebula/hosts/lifetime.ts'
import { unixSeconds } from '../../../unix-time.ts'
import { formatPrefix } from '../../../addr/prefix.ts'
import { learningTrouble, portTroubles } from '../../../check/agent-troubles.ts'
import { CniError } from '../../../cni/error.ts'
import type { Settings } from '../../../config/settings.ts'
import { type GatewayState, gatewayState } from '../../../host/http-gateway/state.ts'
import { loadAgentIdentity } from '../../../host/identity/agent-identity.ts'
import { waitingRenewal } from '../../../host/identity/waiting-renewal.ts'
import { lookAtHost, type Overview, type Trouble } from '../../../host/overview.ts'
import { portHolder } from '../../../kernel/port-holder.ts'
import type { StatusView } from '../../../views/paths.ts'
import { type PeerPaths, peerPaths } from '../../peer-paths.ts'
import { type LighthouseView, lookAtLighthouse } from './lighthouse.ts'

/** Everything that the report shows. */
export interface StatusReport {
  readonly host: Overview
  /** Undefined where even the settings are unreadable. */
  readonly paths: PeerPaths | undefined
  /** Undefined on every other host. */
  readonly lighthouse: LighthouseView | undefined
  /** Undefined where none is installed. */
  readonly httpGateway: GatewayState | undefined
  readonly troubles: readonly Trouble[]
  readonly now: Date
}

/** Examines the host and asks its agent; anything unavailable is listed among the troubles. */
export async function lookAtStatus(now: Date): Promise<StatusReport> {
  const host = await lookAtHost(now)
  const troubles: Trouble[] = [...host.troubles]
  let paths: PeerPaths | undefined
  let lighthouse: LighthouseView | undefined
  if (host.settings !== undefined) {
    try {
      paths = await peerPaths(host.settings, host.identity, now)
      lighthouse = await lookAtLighthouse(host, paths, now)
    } catch (error) {
      if (!(error instanceof CniError)) throw error
      troubles.push({ level: 'fail', what: error.message, details: error.details })
    }
  }
  if (paths?.source === 'kernel')
    troubles.push({ level: 'warn', what: paths.why.message, details: paths.why.details })
  if (paths?.source === 'agent' && paths.status.lastError !== null)
    troubles.push({ level: 'warn', what: 'the agent reports an error', details: paths.status.lastError })
  if (paths?.source === 'agent') troubles.push(...agentTroubles(paths.status))
  for (const { peer, reason } of paths?.refused ?? [])
    troubles.push({ level: 'warn', what: `peer ${peer} refused`, details: reason })
  if (host.settings !== undefined) troubles.push(...certificateTroubles(host.settings, unixSeconds(now)))
  const httpGateway = host.settings && (await lookAtHttpGateway(host.settings, troubles))
  return { host, paths, lighthouse, httpGateway, troubles, now }
}

function certificateTroubles(settings: Settings, now: number): readonly Trouble[] {
  return [...expiredCertificate(settings, now), ...waitingCertificate(settings, now)]
}

function expiredCertificate(settings: Settings, now: number): readonly Trouble[] {
  try {
    const { name, notAfter } = loadAgentIdentity(settings, now)
    if (now <= notAfter) return []
    const details = [
      `in the office: flatnet-cni host renew ${name}`,
      'then carry renewal.statement here, and: flatnet-cni statement import renewal.statement',
    ].join('\n')
    return [{ level: 'warn', what: 'no other host accepts this one until it is renewed', details }]
  } catch (error) {
    // What else is wrong with it is said above.
    if (error instanceof CniError) return []
    throw error
  }
}

function waitingCertificate(settings: Settings, now: number): readonly Trouble[] {
  try {
    const differences = waitingRenewal(settings, now)?.differences ?? []
    if (differences.length === 0) return []
    const details = [...differences, 'to take it: flatnet-cni host accept'].join('\n')
    return [{ level: 'warn', what: 'a renewed certificate waits for your consent', details }]
  } catch (error) {
    // What is wrong with the present one is said above.
    if (error instanceof CniError) return []
    throw error
  }
}

async function lookAtHttpGateway(settings: Settings, troubles: Trouble[]): Promise<GatewayState | undefined> {
  try {
    const state = await gatewayState(settings)
    if (!state.isInstalled) return undefined
    const warn = (what: string, details: string): void => void troubles.push({ level: 'warn', what, details })
    if (state.problem !== null) warn('the HTTP Gateway does not answer', state.problem)
    for (const { host, address, state: condition, detail } of state.gateways ?? [])
      if (condition === 'down' || condition === 'stranger')
        warn(`HTTP Gateway of ${host} not reached over the LAN`, `${address ?? ''}: ${detail ?? condition}`)
    return state
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    troubles.push({ level: 'fail', what: error.message, details: error.details })
    return undefined
  }
}

function agentTroubles(status: StatusView): readonly Trouble[] {
  const closed = (status.closedPorts ?? []).map((each) => ({ ...each, holder: portHolder(each) }))
  // What keeps known peers silent is said of each of them.
  const learning = status.peers.length === 0 ? learningTrouble(status) : undefined
  return [
    ...[...portTroubles(closed), ...(learning === undefined ? [] : [learning])].map(
      ({ what, seen, next }): Trouble => ({ level: 'warn', what, details: [seen, ...next].join('\n') }),
    ),
    ...clashTroubles(status.names),
  ]
}

const MOST_CLASHES = 5

function clashTroubles(names: StatusView['names']): readonly Trouble[] {
  const clashes = names?.clashes ?? []
  if (clashes.length === 0) return []
  const shown = clashes
    .slice(0, MOST_CLASHES)
    .map(({ name, hosts }) => `${name}: ${hosts.join(', ')}; that of ${hosts[0] ?? ''} is found here`)
  const rest = clashes.length - shown.length
  const details = [
    ...shown,
    ...(rest > 0 ? [`and ${String(rest)} more`] : []),
    'use NAME.HOST for the others',
  ]
  return [{ level: 'warn', what: 'containers of one name on several hosts', details: details.join('\n') }]
}

/** Returns the report as printed with --json. */
export function statusData({ host, paths, lighthouse, httpGateway, troubles, now }: StatusReport): object {
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
            daysLeft: daysUntil(identity.notAfter, unixSeconds(now)),
          },
    nebula: nebula ?? null,
    bridge: bridge ?? null,
    gateways: network?.gateways.map(({ dev }) => dev) ?? [],
    attachments: { count: records.length, leased, damaged },
    httpGateway:
      httpGateway === undefined
        ? null
        : { problem: httpGateway.problem, names: httpGateway.names, gateways: httpGateway.gateways },
    agent: paths?.source === 'agent' ? paths.status.agent : null,
    source: paths?.source ?? null,
    peers: paths?.peers ?? [],
    lighthouse: lighthouse ?? null,
    refusedPeers: paths?.refused ?? [],
    troubles,
  }
}
