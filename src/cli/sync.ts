// `flatnet-cni sync`: what every ADD does for the host as a whole, without a container.

import { refuseRootless } from '../exec/proc.ts'
import { loadHost, putHostRight } from '../host/host.ts'
import { loadSettings } from '../host/settings.ts'
import { logToStderr } from '../log.ts'
import { formatPrefix } from '../addr/prefix.ts'
import { livingAgent } from '../state/agent-lease.ts'
import type { Handler } from './command.ts'

/** Puts the host right and says in a line what it is. */
export const sync: Handler = async () => {
  refuseRootless()
  const host = await loadHost(loadSettings({}), Math.floor(Date.now() / 1000), logToStderr)
  await putHostRight(host)
  const { name } = host.identity
  const bridge = { name: host.bridge.name, addresses: host.bridge.addresses.map(formatPrefix) }
  const isAgents = livingAgent(host.settings.runDir) !== undefined
  const nebulaDev = host.network.nebulaDev ?? null
  return {
    data: { name, bridge, nebulaDev, routes: isAgents ? 'agent' : 'sync' },
    render: () =>
      `${name}: bridge ${bridge.name} ${bridge.addresses.join(', ')}, ` +
      `nebula link ${nebulaDev ?? 'down, gateway path only'}` +
      `${isAgents ? ", routes: the agent's" : ''}\n`,
  }
}
