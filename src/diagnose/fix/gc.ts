// What containers left behind that are proven to be gone. `flatnet-cni gc` goes further: it takes an empty namespace for
// one that nobody comes back to, which is for somebody to decide who knows.

import { collectProven } from '../../host/collect.ts'
import { loadSettings } from '../../host/settings.ts'

/** @throws CniError; Error when something could not be removed */
export async function repairByGc(): Promise<void> {
  const { stateDir } = loadSettings({})
  const options = { now: new Date(), dryRun: false, log: () => undefined }
  const { failures } = await collectProven(stateDir, options)
  if (failures.length > 0) throw new Error(failures.join('; '))
}
