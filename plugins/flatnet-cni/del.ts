// DEL: takes the attachment away from what is recorded of it, and is content when there is nothing left to do. It
// needs no certificate, no namespace and no prevResult (CNI SPEC 1.1.0, section 2, DEL). The container's namespace is
// never entered: by now its path may be somebody else's (a process ID used again), and the near end of the pair takes
// the far one along.

import { CniError } from '../../src/cni/error.ts'
import { readProcRoutes } from '../../src/exec/proc.ts'
import { detachLinks } from '../../src/host/attach.ts'
import { loadSettings, stateDirForDel } from '../../src/host/settings.ts'
import { countNetworks } from '../../src/ip/proc-route.ts'
import { type AttachmentRecord, hostLinkName } from '../../src/net/attachment.ts'
import { openStore } from '../../src/state/store.ts'
import { type Call, keyOf } from '../call.ts'

/**
 * Serves DEL. Ports go while the link is there, for an attachment without a link counts as dead and loses its ports to
 * whoever wants them; the link goes before the lease, so that an address is free only when nobody has it on a link.
 * @throws CniError
 */
export async function cmdDel(call: Call): Promise<string> {
  const stateDir = stateDirForDel(call.conf.own, call.log)
  const key = keyOf(call)
  const store = openStore(stateDir)
  // Of a damaged record nobody can tell the ports; they go when the rules are next written anew.
  const record = store.peek(key)
  const refused = await withdrawPorts(stateDir, record)
  // The link's name follows from the key, so it is found without the record too.
  await detachLinks(hostLinkName(key))
  // The record stays for another DEL: without it nobody would know what is left of the ports.
  if (refused !== undefined) throw refused
  await store.release(key)
  if (record !== undefined && hasTwoSubnets(record.bridge)) {
    const { retireEarlierSubnets } = await import('../../src/host/earlier-subnets.ts')
    await retireEarlierSubnets(() => loadSettings(call.conf.own), call.now, call.log)
  }
  return ''
}

// What stands in the way, to be thrown once the link is gone.
async function withdrawPorts(
  stateDir: string,
  record: AttachmentRecord | undefined,
): Promise<CniError | undefined> {
  if (record?.ports === undefined) return undefined
  const { withdraw } = await import('../../src/host/ports.ts')
  try {
    await withdraw(stateDir, record)
    return undefined
  } catch (error) {
    if (error instanceof CniError) return error
    throw error
  }
}

// The sign of a certificate that was signed again with another subnet; a DEL after that is rare, so it pays alone.
function hasTwoSubnets(bridge: string): boolean {
  return ([4, 6] as const).some((family) => countNetworks(readProcRoutes(family), family, bridge) > 1)
}
