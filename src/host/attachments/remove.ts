// Removes an attachment for any runtime, using its record; succeeds if nothing is left to remove. It
// needs no certificate, no namespace and no result of ADD. It never enters the container's namespace: the
// path may lead to another one by now (a reused process ID), and deleting the near end of the pair
// deletes the far end.

import { CniError } from '../../cni/error.ts'
import type { AttachmentTarget } from '../../config/attachment-request.ts'
import type { Log } from '../../log.ts'
import { type AttachmentRecord, hostLinkName } from '../../net/attachment.ts'
import { openStore } from '../../state/addresses/store.ts'
import { loadSettings, stateDirForDel } from '../identity/settings.ts'
import { networksOn } from '../routes/kernel-routes.ts'
import { detachLinks, detachLinksAfter } from './attach.ts'

/**
 * Removes an attachment. Ports go while the link exists, because an attachment without a link counts as dead
 * and loses its ports to the next ADD that wants them. The link goes before the lease, so that an address is
 * free only when no link has it.
 * @throws CniError
 */
export async function removeAttachment(target: AttachmentTarget, now: Date, log: Log): Promise<void> {
  const { key, own } = target
  const stateDir = stateDirForDel(own, log)
  const store = openStore(stateDir)
  // A damaged record does not tell its ports; they go when the rules are next written.
  const record = store.peek(key)
  // The link's name follows from the key, so it is found without the record too.
  const hostLink = hostLinkName(key)
  const refused = await withdrawPorts(stateDir, record, hostLink)
  await detachLinks(hostLink)
  // The record stays for another DEL: only the record tells what is left of the ports.
  if (refused !== undefined) throw refused
  await store.release(key)
  if (record !== undefined && (await hasTwoSubnets(record.bridge))) {
    const { retireEarlierSubnets } = await import('../garbage/earlier-subnets.ts')
    await retireEarlierSubnets(() => loadSettings(own), now, log)
  }
}

// Usually deletes the link, too. Returns what prevents it, to be thrown once the link is deleted.
async function withdrawPorts(
  stateDir: string,
  record: AttachmentRecord | undefined,
  hostLink: string,
): Promise<CniError | undefined> {
  if (record?.ports === undefined) return undefined
  const { withdraw } = await import('../ports/publish.ts')
  try {
    await withdraw(stateDir, record, (text) => detachLinksAfter(text, hostLink))
    return undefined
  } catch (error) {
    if (error instanceof CniError) return error
    throw error
  }
}

// The sign of a certificate that was signed again with another subnet. A DEL after that is rare, so only that
// one pays for the rest.
async function hasTwoSubnets(bridge: string): Promise<boolean> {
  const counts = await Promise.all(([4, 6] as const).map((family) => networksOn(bridge, family)))
  return counts.some((count) => count > 1)
}
