// Refuses to work outside the network namespace of the attachments, where all their
// links would seem to be missing.

import { CniCode, CniError } from '../../cni/error.ts'
import type { AttachmentRecord } from '../../net/attachment.ts'
import { bootId, linkExists } from '../../kernel/presence.ts'

/** Checks the namespace. @throws CniError InvalidNetns if nothing of the attachments is here */
export function refuseWrongNamespace(records: readonly AttachmentRecord[]): void {
  const up = records.filter(({ phase, hostLink }) => phase === 'up' && hostLink !== '')
  const bridges = [...new Set(up.map(({ bridge }) => bridge))]
  if (bridges.length === 0 || [...bridges, ...up.map(({ hostLink }) => hostLink)].some(linkExists)) return
  // After a boot neither exists, and all records are of an earlier boot.
  if (up.every(({ bootId: boot }) => boot !== bootId())) return
  throw new CniError(
    CniCode.InvalidNetns,
    'another network namespace',
    `the bridge ${bridges.join(' and ')} of ${String(up.length)} attachments is not here; ` +
      "run this in the host's network namespace, or flatnet-cni sync first if the bridge was removed",
  )
}
