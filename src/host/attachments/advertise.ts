// Announces the IPv6 addresses of a new attachment. Packets from neighbours that know them with an earlier
// holder's MAC would otherwise be lost for 15 s (net/announcement.ts).

import { CniError } from '../../cni/error.ts'
import { type AdvertisedLink, advertise } from '../../exec/network/advertise.ts'
import type { Log } from '../../log.ts'

/**
 * Announces the addresses once, so the bridge's port must forward frames already. A refusal is only logged,
 * because the attachment works without.
 */
export async function advertiseAddresses(link: AdvertisedLink, log: Log): Promise<void> {
  try {
    await advertise(link)
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    log('warn', 'addresses not announced', { dev: link.ifname, netns: link.netns, error: error.details })
  }
}
