// `flatnet-cni sync`: what every ADD does for the host as a whole, without a container.

import { refuseRootless } from '../exec/proc.ts'
import { ensureBridge } from '../host/bridge.ts'
import { loadHost, syncHost } from '../host/host.ts'
import { loadSettings } from '../host/settings.ts'
import { logToStderr } from '../log.ts'
import { ipBatch } from '../exec/ip.ts'
import { planBridge } from '../net/plan.ts'
import { formatPrefix } from '../addr/prefix.ts'

/** Puts the host right and says in a few lines what it is. @throws CniError */
export async function runSync(): Promise<string> {
  refuseRootless()
  const host = await loadHost(loadSettings({}), Math.floor(Date.now() / 1000), logToStderr)
  await ensureBridge(host.bridge)
  await ipBatch(planBridge(host.bridge, true))
  await syncHost(host, { fresh: true })
  const addresses = host.bridge.addresses.map(formatPrefix).join(', ')
  const nebula = host.network.nebulaDev ?? 'down, gateway path only'
  return `${host.identity.name}: bridge ${host.bridge.name} ${addresses}, nebula link ${nebula}\n`
}
