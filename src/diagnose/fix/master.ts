// A container's link that belongs on a bridge and is not on it.

import { ipBatch } from '../../exec/ip.ts'

/** @param given the link, the bridge @throws CniError CommandRefused */
export async function repairMaster([link = '', bridge = '']: readonly string[]): Promise<void> {
  await ipBatch([['link', 'set', 'dev', link, 'master', bridge]])
}
