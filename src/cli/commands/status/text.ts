// Renders the output of `flatnet-cni status` for people.

import { daysUntil, EXPIRES_SOON_DAYS } from '../../../nebula/hosts/lifetime.ts'
import { unixSeconds } from '../../../unix-time.ts'
import { formatPrefix } from '../../../addr/prefix.ts'
import { formatIp } from '../../../addr/ip.ts'
import { formatHop, type Hop } from '../../../route/hop.ts'
import { age, duration, percent } from '../../text/figures.ts'
import type { GatewayState } from '../../../host/http-gateway/state.ts'
import { drawTable } from '../../text/grid.ts'
import { laneInUse, phaseWord, wayWord } from '../../text/path-words.ts'
import type { PeerPaths } from '../../peer-paths.ts'
import { hostsTable, roleText } from './lighthouse.ts'
import type { StatusReport } from './report.ts'
import type { Theme } from '../../terminal.ts'

/** Returns the whole text. */
export function statusText(theme: Theme, report: StatusReport): string {
  const { paths, lighthouse, now } = report
  const parts = [facts(theme, report)]
  if (lighthouse !== undefined) parts.push(hostsTable(theme, lighthouse))
  else if (paths !== undefined && (paths.source === 'agent' || report.host.identity !== undefined))
    parts.push(peersTable(theme, paths, now))
  if (report.troubles.length > 0) parts.push(troubles(theme, report))
  return parts.join('\n')
}

function facts(theme: Theme, report: StatusReport): string {
  const { host, paths, httpGateway, lighthouse, now } = report
  const { identity, network, nebula, settings } = host
  const rows: [string, string][] = []
  if (identity !== undefined) {
    const days = daysUntil(identity.notAfter, unixSeconds(now))
    rows.push(
      ['Host', `${theme.strong(identity.name)}, overlay ${identity.overlay.map(formatPrefix).join(', ')}`],
      lighthouse === undefined
        ? [
            'Subnet',
            `${identity.subnets.map(formatPrefix).join(', ')} of pool ` +
              `${settings?.pools.map(formatPrefix).join(', ') ?? ''}`,
          ]
        : ['Role', roleText(lighthouse)],
      ['Certificate', (days < EXPIRES_SOON_DAYS ? theme.warn : theme.good)(`${String(days)} days left`)],
    )
  } else rows.push(['Host', theme.bad('no usable certificate (see below)')])
  rows.push([
    'Nebula',
    nebula === undefined
      ? theme.bad(network?.nebulaDev === undefined ? 'no link' : `${network.nebulaDev}, state unknown`)
      : `${nebula.name}, ${linkState(theme, nebula.isUp)}, MTU ${String(nebula.mtuBytes)}`,
  ])
  if (lighthouse === undefined) rows.push(...containerFacts(theme, report))
  if (httpGateway !== undefined) rows.push(['HTTP Gateway', httpGatewayText(theme, httpGateway)])
  if (paths !== undefined) rows.push(['Agent', agentText(theme, paths, now)])
  return rows.map(([name, text]) => `${name.padEnd(13)}${text}\n`).join('')
}

function containerFacts(theme: Theme, { host, paths }: StatusReport): readonly [string, string][] {
  const { network, bridge, records, damaged, leased } = host
  const hops = network?.gateways.map(formatHop)
  const offered = gatewayHosts(paths, network?.gateways ?? [])
  const broken = damaged.length === 0 ? '' : theme.bad(`, ${String(damaged.length)} not readable`)
  return [
    [
      'Bridge',
      bridge === undefined
        ? 'does not exist yet (the first ADD or flatnet-cni sync makes it)'
        : `${bridge.name}, ${linkState(theme, bridge.isUp)}, ${bridge.addresses.join(', ')}`,
    ],
    ...(hops === undefined
      ? []
      : [['Gateway', hops.length === 0 ? theme.warn('none') : hops.join(', ')] satisfies [string, string]]),
    ...(offered.length === 0 ? [] : [['Gateway host', offered.join(', ')] satisfies [string, string]]),
    ['Containers', `${String(records.length)} attached, ${String(leased)} addresses leased${broken}`],
  ]
}

// By their certificates. Which of them is used is for this host's operator.
function gatewayHosts(paths: PeerPaths | undefined, gateways: readonly Hop[]): readonly string[] {
  const vias = gateways.map(({ via }) => (via === undefined ? '' : formatIp(via)))
  return (paths?.source === 'agent' ? paths.peers : [])
    .filter(({ forwards }) => forwards === true)
    .map(({ name, overlay }) => {
      const isUsed = overlay.some((address) => vias.includes(address))
      return `${name} ${overlay[0] ?? ''}, ${isUsed ? 'in use' : 'not used here'}`
    })
}

function linkState(theme: Theme, isUp: boolean): string {
  return isUp ? theme.good('up') : theme.bad('down')
}

function httpGatewayText(theme: Theme, { problem, names, gateways }: GatewayState): string {
  if (problem !== null) return theme.bad('does not answer')
  const others = (gateways ?? []).filter(({ state }) => state !== 'self')
  const reached = others.filter(({ state }) => state === 'up').length
  const told = `${theme.good('running')}, ${String(names)} names`
  if (others.length === 0) return told
  const ratio = `${String(reached)} of ${String(others.length)} other HTTP Gateways reached`
  return `${told}, ${reached === others.length ? ratio : theme.warn(ratio)}`
}

function agentText(theme: Theme, paths: PeerPaths, now: Date): string {
  if (paths.source === 'kernel')
    return theme.warn('does not answer; the paths below are kernel routes, not measurements')
  const { agent } = paths.status
  return (
    `${theme.good('running')} for ${age(agent.startedAt, now)}, process ${String(agent.pid)}, ` +
    `version ${agent.version}`
  )
}

/** Returns the table of peers and the facts about each. */
function peersTable(theme: Theme, paths: PeerPaths, now: Date): string {
  if (paths.peers.length === 0)
    return paths.source === 'agent'
      ? 'No peers: the agent knows no certificate of another host yet.\n'
      : 'No peers: put certificates of other hosts into /etc/flatnet/peers.d, or start the agent.\n'
  const head = ['PEER', 'OVERLAY', 'SUBNET', 'PATH', 'RTT', 'LOSS', 'SINCE', 'REASON']
  if (paths.source === 'kernel') {
    const rows = paths.peers.map(({ name, overlay, subnets, installed }) => [
      name,
      overlay.join(' '),
      subnets.join(' '),
      installed === 'none' ? theme.bad('no route') : wayWord(installed),
      '-',
      '-',
      '-',
      'no agent',
    ])
    return drawTable(theme, head, rows)
  }
  const rows = paths.peers.map((peer) => {
    const lane = laneInUse(peer)
    const isSilent = lane.received === 0
    const paint =
      peer.phase === 'P2P_ACTIVE' ? theme.good : peer.phase === 'GATEWAY_FALLBACK' ? theme.warn : plain
    return [
      peer.name,
      peer.overlay.join(' '),
      peer.subnets.join(' '),
      paint(phaseWord(peer.phase)),
      duration(lane.rttMs),
      lane.sent === 0 ? '-' : isSilent ? theme.bad('100 %') : percent(lane.loss),
      age(peer.since, now),
      peer.reason,
    ]
  })
  const wrong = paths.peers.flatMap(({ name, troubles: list }) =>
    list.map((each) => `${theme.warn('!')} ${name}: ${each}\n`),
  )
  return drawTable(theme, head, rows) + wrong.join('')
}

function plain(text: string): string {
  return text
}

function troubles(theme: Theme, report: StatusReport): string {
  const lines = report.troubles.map(({ level, what, details }) => {
    const mark = level === 'fail' ? theme.bad('✗') : theme.warn('!')
    return `${mark} ${what}\n${
      details === ''
        ? ''
        : `${details
            .split('\n')
            .map((line) => `    ${line}\n`)
            .join('')}`
    }`
  })
  return `${lines.join('')}${theme.dim('For each fault with the commands to run: flatnet-cni check')}\n`
}
