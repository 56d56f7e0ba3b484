// DEL: takes the attachment away from what is recorded of it, and is content when there is nothing left to do. It
// needs no certificate, no namespace and no prevResult (CNI SPEC 1.1.0, section 2, DEL).

import { detachLinks } from '../../src/host/attach.ts'
import { stateDirForDel } from '../../src/host/settings.ts'
import { hostLinkName } from '../../src/net/attachment.ts'
import { openStore } from '../../src/state/store.ts'
import { type Call, keyOf } from './call.ts'

/** Serves DEL. The link goes first, so that an address is free only when nobody has it on a link. @throws CniError */
export async function cmdDel(call: Call): Promise<void> {
  const stateDir = stateDirForDel(call.conf.own, call.log)
  const key = keyOf(call)
  // The link's name follows from the key, so it is found without the record too.
  await detachLinks(hostLinkName(key))
  await openStore(stateDir).release(key)
}
