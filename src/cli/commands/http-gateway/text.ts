// Renders the output of `flatnet-cni http-gateway status` for people.

import type { GatewayState } from '../../../host/http-gateway/state.ts'
import type { GatewayView } from '../../../http-gateway/recognition.ts'
import { drawTable } from '../../text/grid.ts'
import type { Theme } from '../../terminal.ts'

export function stateText(theme: Theme, state: GatewayState): string {
  if (!state.isInstalled) return 'not installed: flatnet-cni http-gateway install\n'
  const { program, port, pid, problem, domain, host, hosts, names, nginx, gateways } = state
  if (problem !== null) {
    const running = pid === null ? 'does not run' : `runs as process ${String(pid)}, but does not answer`
    return `${theme.bad('✗')} ${program ?? 'nginx'} ${running}\n    ${problem}\n`
  }
  const rows = [
    [
      'nginx',
      `${theme.good('running')}, version ${nginx ?? 'unknown'}, process ${String(pid)}, port ${String(port)}`,
    ],
    [
      'Host',
      host === null ? theme.warn('the agent has told nothing yet') : `${host}, domain ${domain ?? ''}`,
    ],
    ['Known', `${count(Object.keys(hosts).length, 'host')}, ${count(names, 'name')}`],
  ]
  const table = gateways === null ? '' : `\n${gatewaysTable(theme, gateways)}`
  return rows.map(([name = '', text = '']) => `${name.padEnd(8)}${text}\n`).join('') + table
}

function gatewaysTable(theme: Theme, gateways: readonly GatewayView[]): string {
  const rows = gateways.map(({ host, address, state, since, lastContact, detail }) => [
    host,
    address ?? '-',
    state === 'self' ? 'this host' : state === 'up' ? theme.good(state) : theme.warn(state),
    since ?? '-',
    lastContact ?? '-',
    detail ?? '',
  ])
  return drawTable(theme, ['HTTP GATEWAY', 'ADDRESS', 'STATE', 'SINCE', 'LAST CONTACT', 'REASON'], rows)
}

function count(number: number, what: string): string {
  return `${String(number)} ${what}${number === 1 ? '' : 's'}`
}
