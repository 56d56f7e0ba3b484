// The words that only this host knows: its peers, and its containers' addresses.

import { loadIdentity } from '../../host/identity.ts'
import { loadSettings } from '../../host/settings.ts'
import { leasedAddresses } from '../../state/leases.ts'
import { formatIp } from '../../addr/ip.ts'
import { CniError } from '../../cni/error.ts'
import { peerPaths } from '../peer-paths.ts'

/** In no particular order; none where they cannot be had, since a shell that completes shows no errors. */
export async function knownWords(kind: string): Promise<readonly string[]> {
  try {
    const settings = loadSettings({})
    if (kind === 'address') return leasedAddresses(settings.stateDir).map(formatIp)
    const now = new Date()
    const identity = await loadIdentity(settings, Math.floor(now.getTime() / 1000))
    return (await peerPaths(settings, identity, now)).peers.map(({ name }) => name)
  } catch (error) {
    if (error instanceof CniError) return []
    throw error
  }
}
