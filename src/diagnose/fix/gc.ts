// Removes leftovers of containers that are proven dead. `flatnet-cni gc` goes further: it also treats an
// empty namespace as abandoned, which is the operator's decision.

import { collectProven } from '../../host/garbage/collect.ts'
import { loadSettings } from '../../host/identity/settings.ts'

/**
 * Collects the garbage that is proven.
 * @throws CniError; Error when something could not be removed
 */
export async function repairByGc(): Promise<void> {
  const { stateDir } = loadSettings({})
  const options = { now: new Date(), dryRun: false, log: () => undefined }
  const { failures } = await collectProven(stateDir, options)
  if (failures.length > 0) throw new Error(failures.join('; '))
}
