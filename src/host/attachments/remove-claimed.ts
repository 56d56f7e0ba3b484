// Claims an attachment and removes it as DEL would, without the runtime: ports, links, leases, record.

import type { AttachmentRecord } from '../../net/attachment.ts'
import { openStore } from '../../state/addresses/store.ts'
import { claim } from '../../state/addresses/claim-dead.ts'
import { detachLinks } from './attach.ts'
import { withdraw } from '../ports/publish.ts'

/**
 * Removes the attachment. Returns false, with nothing changed, if its key has another attachment by now or is
 * being added. @throws CniError
 */
export async function claimAndRemove(stateDir: string, seen: AttachmentRecord): Promise<boolean> {
  const claimed = await claim(stateDir, seen)
  if (claimed === undefined) return false
  if (claimed.ports !== undefined) await withdraw(stateDir, claimed)
  if (claimed.hostLink !== '') await detachLinks(claimed.hostLink)
  await openStore(stateDir).abandon(claimed)
  return true
}
