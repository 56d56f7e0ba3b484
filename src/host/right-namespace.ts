// Whether we are in the network namespace of the attachments: links that cannot be seen from another one would all count
// as gone.

import { CniCode, CniError } from '../cni/error.ts'
import type { AttachmentRecord } from '../net/attachment.ts'
import { bootId, linkExists } from '../state/liveness.ts'

/** @throws CniError InvalidNetns when nothing of the attachments is here */
export function refuseWrongNamespace(records: readonly AttachmentRecord[]): void {
  const up = records.filter(({ phase, hostLink }) => phase === 'up' && hostLink !== '')
  const bridges = [...new Set(up.map(({ bridge }) => bridge))]
  if (bridges.length === 0 || [...bridges, ...up.map(({ hostLink }) => hostLink)].some(linkExists)) return
  // After a boot there is neither, and everything recorded is of the boot before.
  if (up.every(({ bootId: boot }) => boot !== bootId())) return
  throw new CniError(
    CniCode.InvalidNetns,
    'another network namespace',
    `the bridge ${bridges.join(' and ')} of ${String(up.length)} attachments is not here; run this in the host's network namespace, ` +
      'or flatnet-cni sync first if the bridge was removed',
  )
}
