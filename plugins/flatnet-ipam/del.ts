// DEL of the IPAM plugin: gives the addresses back. The caller removes its links before (or has none: it calls us as well
// when its ADD has failed).

import { stateDirForDel } from '../../src/host/settings.ts'
import { openStore } from '../../src/state/store.ts'
import { type Call, keyOf } from '../call.ts'

/** Serves DEL; content when there is nothing to give back. @throws CniError */
export async function cmdDel(call: Call): Promise<string> {
  await openStore(stateDirForDel(call.conf.own, call.log)).release(keyOf(call))
  return ''
}
