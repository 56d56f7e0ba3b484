// The words that only this host knows: its peers, and its containers' addresses.

import { unixSeconds } from '../../../unix-time.ts'
import { loadIdentity } from '../../../host/identity/identity.ts'
import { loadSettings } from '../../../host/identity/settings.ts'
import { leasedAddresses } from '../../../state/addresses/leases.ts'
import { formatIp } from '../../../addr/ip.ts'
import { CniError } from '../../../cni/error.ts'
import { peerPaths } from '../../peer-paths.ts'

/**
 * Returns the words in no particular order; none when they are unavailable, since completion shows no errors.
 */
export async function knownWords(kind: string): Promise<readonly string[]> {
  try {
    const settings = loadSettings({})
    if (kind === 'address') return leasedAddresses(settings.stateDir).map(formatIp)
    const now = new Date()
    const identity = await loadIdentity(settings, unixSeconds(now))
    return (await peerPaths(settings, identity, now)).peers.map(({ name }) => name)
  } catch (error) {
    if (error instanceof CniError) return []
    throw error
  }
}
