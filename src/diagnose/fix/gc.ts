// What containers left behind that are proven to be gone. `flatnet-cni gc` goes further: it takes an empty namespace for
// one that nobody comes back to, which is for somebody to decide who knows.

import { collect } from '../../host/collect.ts'
import { loadSettings } from '../../host/settings.ts'

/** @throws CniError; Error when something could not be removed */
export async function repairByGc(): Promise<void> {
  const { stateDir } = loadSettings({})
  const { failures } = await collect({
    own: {},
    stateDir,
    valid: [],
    now: new Date(),
    onlyProven: true,
    dryRun: false,
    log: () => undefined,
  })
  if (failures.length > 0) throw new Error(failures.join('; '))
}
