// DEL of the IPAM plugin: releases the addresses. The calling plugin has removed its links, or has none: it
// also calls DEL after a failed ADD.

import { placeOf } from '../../../src/config/cni/netconf.ts'
import { stateDirForDel } from '../../../src/host/identity/settings.ts'
import { openStore } from '../../../src/state/addresses/store.ts'
import type { Call } from '../call.ts'

/** Serves DEL. Prints nothing, and succeeds if nothing is leased. @throws CniError */
export async function cmdDel({ environment, conf, log }: Call): Promise<string> {
  await openStore(stateDirForDel(conf.own, log)).release(placeOf(conf, environment).key)
  return ''
}
