// Takes one attachment away as DEL would, without the runtime: ports, links, leases, record.

import type { AttachmentRecord } from '../net/attachment.ts'
import { openStore } from '../state/store.ts'
import { claim } from '../state/sweep.ts'
import { detachLinks } from './attach.ts'
import { withdraw } from './ports.ts'

/** False, with nothing changed, when it is another one by now or somebody is adding it. @throws CniError */
export async function removeAttachment(stateDir: string, seen: AttachmentRecord): Promise<boolean> {
  const claimed = await claim(stateDir, seen)
  if (claimed === undefined) return false
  if (claimed.ports !== undefined) await withdraw(stateDir, claimed)
  if (claimed.hostLink !== '') await detachLinks(claimed.hostLink)
  await openStore(stateDir).abandon(claimed)
  return true
}
