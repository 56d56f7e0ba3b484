// Bridge, routes and rules of the host: as `flatnet-cni sync`.

import { loadHost, putHostRight } from '../../host/host.ts'
import { loadSettings } from '../../host/settings.ts'

/** @throws CniError */
export async function repairBySync(): Promise<void> {
  const host = await loadHost(loadSettings({}), Math.floor(Date.now() / 1000), () => undefined)
  await putHostRight(host)
}
