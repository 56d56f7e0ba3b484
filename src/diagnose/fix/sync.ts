// Bridge, routes and rules of the host: as `flatnet-cni sync`.

import { ipBatch } from '../../exec/ip.ts'
import { ensureBridge } from '../../host/bridge.ts'
import { loadHost, syncHost } from '../../host/host.ts'
import { loadSettings } from '../../host/settings.ts'
import { planBridge } from '../../net/plan.ts'

/** @throws CniError */
export async function repairBySync(): Promise<void> {
  const host = await loadHost(loadSettings({}), Math.floor(Date.now() / 1000), () => undefined)
  await ensureBridge(host.bridge)
  await ipBatch(planBridge(host.bridge, true))
  await syncHost(host, { fresh: true })
}
