// What `flatnet-cni status` shows on a lighthouse without containers: no path is measured there, but its
// agent asks the hosts that it knows through Nebula.

import { peerRoutes } from '../../../host/routes/peer-routes.ts'
import type { Overview } from '../../../host/overview.ts'
import { drawTable } from '../../text/grid.ts'
import type { PeerPaths } from '../../peer-paths.ts'
import type { Theme } from '../../terminal.ts'

/** Another host, as a lighthouse sees it. */
interface SeenHost {
  readonly name: string
  readonly overlay: readonly string[]
  readonly subnets: readonly string[]
  /** Whether its agent answered when it was last asked; null if it was not asked lately. */
  readonly answers: boolean | null
}

/** What the report has in place of paths. */
export interface LighthouseView {
  readonly isGateway: boolean
  readonly hosts: readonly SeenHost[]
}

/** Looks; undefined on any other host. @throws CniError */
export async function lookAtLighthouse(
  { settings, identity, role }: Overview,
  paths: PeerPaths | undefined,
  now: Date,
): Promise<LighthouseView | undefined> {
  if (settings === undefined || identity === undefined || role?.isBareLighthouse !== true) return undefined
  const learning = paths?.source === 'agent' ? paths.status.learning : undefined
  const answered = new Set(learning?.answered)
  const silent = new Set(learning?.silent.map(({ overlay }) => overlay))
  const { peers } = await peerRoutes(settings, identity, now)
  const hosts = peers.map(({ name, overlay, subnets }) => ({
    name,
    overlay,
    subnets,
    answers: overlay.some((ip) => answered.has(ip))
      ? true
      : overlay.some((ip) => silent.has(ip))
        ? false
        : null,
  }))
  return { isGateway: role.isGateway, hosts }
}

/** Returns "lighthouse without containers". */
export function roleText({ isGateway }: LighthouseView): string {
  return `lighthouse without containers${isGateway ? ', gateway of the other hosts' : ''}`
}

/** Returns the table of hosts. */
export function hostsTable(theme: Theme, { hosts }: LighthouseView): string {
  if (hosts.length === 0) return 'No hosts: no agent has announced its certificate yet.\n'
  const words = (answers: boolean | null): string =>
    answers === null ? '-' : answers ? theme.good('answers') : theme.warn('silent')
  const rows = hosts.map(({ name, overlay, subnets, answers }) => [
    name,
    overlay.join(' '),
    subnets.join(' ') || '-',
    words(answers),
  ])
  return drawTable(theme, ['HOST', 'OVERLAY', 'SUBNET', 'THROUGH NEBULA'], rows)
}
