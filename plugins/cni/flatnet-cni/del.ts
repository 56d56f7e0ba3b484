// DEL: needs neither the namespace nor prevResult, and succeeds if nothing is left (CNI SPEC 1.1.0,
// section 2, DEL).

import { placeOf } from '../../../src/config/cni/netconf.ts'
import { removeAttachment } from '../../../src/host/attachments/remove.ts'
import type { Call } from '../call.ts'

/** Serves DEL. Prints nothing. @throws CniError */
export async function cmdDel({ environment, conf, now, log }: Call): Promise<string> {
  await removeAttachment(placeOf(conf, environment), now, log)
  return ''
}
