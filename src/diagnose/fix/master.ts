// Attaches a container's link to the bridge it belongs on.

import { ipBatch } from '../../exec/network/ip.ts'

/**
 * Sets the link's master.
 * @param given the link, the bridge
 * @throws CniError CommandRefused
 */
export async function repairMaster([link = '', bridge = '']: readonly string[]): Promise<void> {
  await ipBatch([['link', 'set', 'dev', link, 'master', bridge]])
}
