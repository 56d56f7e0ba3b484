// What containers left behind that are gone: as `flatnet-cni gc`.

import { collect } from '../../host/collect.ts'
import { loadSettings } from '../../host/settings.ts'

/** @throws CniError; Error when something could not be removed */
export async function repairByGc(): Promise<void> {
  const { stateDir } = loadSettings({})
  const request = { own: {}, stateDir, valid: [], now: new Date(), dryRun: false, log: () => undefined }
  const { failures } = await collect(request)
  if (failures.length > 0) throw new Error(failures.join('; '))
}
