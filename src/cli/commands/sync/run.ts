// `flatnet-cni sync`: does what every ADD does for the host as a whole, without a container.

import { unixSeconds } from '../../../unix-time.ts'
import { refuseRootless } from '../../../kernel/proc.ts'
import { loadHost, restoreHost } from '../../../host/host.ts'
import { loadSettings } from '../../../host/identity/settings.ts'
import { logToStderr } from '../../../log.ts'
import { formatPrefix } from '../../../addr/prefix.ts'
import { livingAgent } from '../../../state/agent/heartbeat.ts'
import type { Handler } from '../../command.ts'

/** Restores the host's bridge, routes and rules, and reports them in one line. */
export const sync: Handler = async () => {
  refuseRootless()
  const host = await loadHost(loadSettings({}), unixSeconds(new Date()), logToStderr)
  await restoreHost(host)
  const { name } = host.identity
  const bridge = { name: host.bridge.name, addresses: host.bridge.addresses.map(formatPrefix) }
  const isAgents = livingAgent(host.settings.runDir) !== undefined
  const nebulaDev = host.network.nebulaDev ?? null
  return {
    data: { name, bridge, nebulaDev, routes: isAgents ? 'agent' : 'sync' },
    render: () =>
      `${name}: bridge ${bridge.name} ${bridge.addresses.join(', ')}, ` +
      `nebula link ${nebulaDev ?? 'down, gateway path only'}` +
      `${isAgents ? ', routes managed by the agent' : ''}\n`,
  }
}
