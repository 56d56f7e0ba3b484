// DEL: takes the attachment away from what is recorded of it, and is content when there is nothing left to do. It
// needs no certificate, no namespace and no prevResult (CNI SPEC 1.1.0, section 2, DEL). The container's namespace is
// never entered: by now its path may be somebody else's (a process ID used again), and the near end of the pair takes
// the far one along.

import { readProcRoutes } from '../../src/exec/proc.ts'
import { detachLinks } from '../../src/host/attach.ts'
import { loadSettings, stateDirForDel } from '../../src/host/settings.ts'
import { countNetworks } from '../../src/ip/proc-route.ts'
import { hostLinkName } from '../../src/net/attachment.ts'
import { openStore } from '../../src/state/store.ts'
import { type Call, keyOf } from '../call.ts'

/** Serves DEL. The link goes first, so that an address is free only when nobody has it on a link. @throws CniError */
export async function cmdDel(call: Call): Promise<string> {
  const stateDir = stateDirForDel(call.conf.own, call.log)
  const key = keyOf(call)
  const store = openStore(stateDir)
  const bridge = store.peek(key)?.bridge
  // The link's name follows from the key, so it is found without the record too.
  await detachLinks(hostLinkName(key))
  await store.release(key)
  if (bridge !== undefined && hasTwoSubnets(bridge)) {
    const { retireEarlierSubnets } = await import('../../src/host/earlier-subnets.ts')
    await retireEarlierSubnets(() => loadSettings(call.conf.own), call.now, call.log)
  }
  return ''
}

// The sign of a certificate that was signed again with another subnet; a DEL after that is rare, so it pays alone.
function hasTwoSubnets(bridge: string): boolean {
  return ([4, 6] as const).some((family) => countNetworks(readProcRoutes(family), family, bridge) > 1)
}
