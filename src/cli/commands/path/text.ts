// Renders the output of `flatnet-cni path` for people.

import type { LaneView, PathView } from '../../../views/paths.ts'
import type { PeerRoute } from '../../../host/routes/peer-routes.ts'
import { age, duration, moment, percent } from '../../text/figures.ts'
import { drawTable } from '../../text/grid.ts'
import { laneInUse, phaseWord, wayWord } from '../../text/path-words.ts'
import type { PeerPaths } from '../../peer-paths.ts'
import type { Theme } from '../../terminal.ts'

/** Returns one line per peer. */
export function pathLines(theme: Theme, paths: PeerPaths, now: Date): string {
  if (paths.source === 'kernel') {
    const rows = paths.peers.map((peer) => [peer.name, routeWord(theme, peer)])
    return `${unmeasured(theme, paths.why.details)}${drawTable(theme, ['PEER', 'ROUTE'], rows)}`
  }
  const rows = paths.peers.map((peer) => [
    peer.name,
    phaseWord(peer.phase),
    figures(peer.p2p),
    figures(peer.gateway),
    age(peer.since, now),
    peer.detail === '' ? peer.reason : `${peer.reason}: ${peer.detail}`,
  ])
  return drawTable(theme, ['PEER', 'PATH', 'DIRECT', 'GATEWAY', 'SINCE', 'REASON'], rows)
}

/** Returns the details of the selected peers, normally one. */
export function pathDetails(theme: Theme, paths: PeerPaths, now: Date): string {
  if (paths.source === 'agent') return paths.peers.map((peer) => details(theme, peer, now)).join('\n')
  return paths.peers
    .map((peer) => {
      const rows: Row[] = [...names(theme, peer), ['Route installed', routeWord(theme, peer)]]
      return unmeasured(theme, paths.why.details) + list(rows)
    })
    .join('\n')
}

type Row = readonly [name: string, text: string]

function details(theme: Theme, peer: PathView, now: Date): string {
  const { route, peer: other, p2p, tunnel, gateway } = peer
  const rows: Row[] = [
    ...names(theme, peer),
    [
      'Path',
      `${theme.strong(phaseWord(peer.phase))} since ${moment(peer.since, now)} (${age(peer.since, now)})`,
    ],
    ['Reason', peer.detail === '' ? peer.reason : `${peer.detail} (${peer.reason})`],
    ...(peer.holdUntil === null
      ? []
      : [['Direct path', `held back until ${moment(peer.holdUntil, now)}`] as const]),
    ['Route', routeText(theme, route)],
    ['Peer says', other === null ? theme.warn('no message from its agent so far') : theirs(other)],
    ['Certificate', `until ${peer.notAfter}, ${peer.fingerprint.slice(0, 16)}…, from ${peer.source}`],
    ['Changes', `${String(peer.transitions)}; see flatnet-cni path ${peer.name} --history`],
  ]
  const lanes: [string, LaneView][] = [
    ['direct', p2p],
    ['nebula tunnel', tunnel],
    ['gateway', gateway],
  ]
  const table = drawTable(
    theme,
    ['PATH', 'RTT', 'LOSS', 'ANSWERED', `${String(peer.mtuBytes)} BYTES`, 'LAST ANSWER', 'LAST HEARD'],
    lanes.map(([name, lane]) => [
      laneInUse(peer) === lane ? theme.strong(`${name} *`) : name,
      duration(lane.rttMs),
      lossText(theme, lane),
      `${String(lane.received)} of ${String(lane.sent)}`,
      lane.bigPasses === null ? 'unknown' : lane.bigPasses ? theme.good('pass') : theme.bad('are lost'),
      ago(lane.repliedAgoMs),
      ago(lane.heardAgoMs),
    ]),
  )
  const wrong = peer.troubles.map((each) => `${theme.warn('!')} ${each}\n`)
  return [list(rows), table, ...(wrong.length === 0 ? [] : [wrong.join('')])].join('\n')
}

function names(theme: Theme, { name, overlay, subnets }: PathView | PeerRoute): Row[] {
  return [
    ['Peer', theme.strong(name)],
    ['Overlay', overlay.join(', ')],
    ['Subnet', subnets.join(', ')],
  ]
}

function list(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(([name]) => name.length)) + 2
  return rows.map(([name, text]) => `${name.padEnd(width)}${text}\n`).join('')
}

function routeText(theme: Theme, { wanted, installed }: PathView['route']): string {
  if (wanted === installed) return wayWord(installed)
  return theme.bad(`${wayWord(wanted)} wanted, but the kernel has ${wayWord(installed)}`)
}

function theirs({ phase, ready, reason, epoch }: NonNullable<PathView['peer']>): string {
  return (
    `${phaseWord(phase)} (${reason}), ${ready ? 'ready' : 'not ready'} for the direct path, ` +
    `change ${String(epoch)}`
  )
}

// Loss is meaningful once the window is full. A lane that was never answered needs no window.
function lossText(theme: Theme, { sent, received, loss }: LaneView): string {
  if (sent === 0) return '-'
  return received === 0 ? theme.bad('100 %') : percent(loss)
}

function figures(lane: LaneView): string {
  if (lane.sent === 0) return 'not probed'
  return lane.received === 0 ? 'no answer' : `${duration(lane.rttMs)}, ${percent(lane.loss)} lost`
}

function ago(ms: number | null): string {
  return ms === null ? 'never' : `${duration(ms)} ago`
}

function routeWord(theme: Theme, { installed }: PeerRoute): string {
  return installed === 'none' ? theme.bad('none') : wayWord(installed)
}

function unmeasured(theme: Theme, why: string): string {
  return `${theme.warn('No measurements, routes only:')} ${why}\n\n`
}
