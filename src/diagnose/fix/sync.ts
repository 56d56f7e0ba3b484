// Restores the host's bridge, routes and rules, as `flatnet-cni sync` does.

import { unixSeconds } from '../../unix-time.ts'
import { loadHost, restoreHost } from '../../host/host.ts'
import { loadSettings } from '../../host/identity/settings.ts'

/**
 * Runs a sync.
 * @throws CniError
 */
export async function repairBySync(): Promise<void> {
  const host = await loadHost(loadSettings({}), unixSeconds(new Date()), () => undefined)
  await restoreHost(host)
}
