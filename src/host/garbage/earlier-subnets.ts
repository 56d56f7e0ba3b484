// Retires subnets of an earlier certificate, after the host's certificate was signed again with another
// subnet. New containers get addresses of the new subnet, and living ones keep theirs. The bridge keeps its
// old address until no lease is left in that subnet.

import { addressText, parseShown, type ShownLink } from '../../ip/show.ts'
import { unixSeconds } from '../../unix-time.ts'
import { formatPrefix, type Prefix, without } from '../../addr/prefix.ts'
import { bridgeAddress } from '../../addr/range.ts'
import { CniError, errorText } from '../../cni/error.ts'
import type { Settings } from '../../config/settings.ts'
import { ipBatch, ipShow } from '../../exec/network/ip.ts'
import { addressDelete } from '../../ip/address.ts'
import type { Log } from '../../log.ts'
import { subnetsOnLink } from '../../route/lookup.ts'
import { openStore } from '../../state/addresses/store.ts'
import { loadIdentity } from '../identity/identity.ts'
import { kernelRoutes } from '../routes/kernel-routes.ts'

/** What happened to the earlier subnets. */
interface Retirement {
  readonly retired: readonly Prefix[]
  readonly inUse: readonly Prefix[]
}

/**
 * Removes the bridge's address in every earlier subnet that has no lease.
 * @param dryRun only report which
 * @throws CniError CommandRefused
 */
export async function retire(
  settings: Settings,
  current: readonly Prefix[],
  dryRun: boolean,
): Promise<Retirement> {
  const earlier = without(await bridgeSubnets(settings), current)
  if (earlier.length === 0) return { retired: [], inUse: [] }
  const store = openStore(settings.stateDir)
  const inUse = earlier.filter((subnet) => store.countLeased(subnet) > 0)
  const unused = earlier.filter((subnet) => !inUse.includes(subnet))
  const present = await addressesOf(settings.bridge)
  // Only the address that ADD put there. An administrator's own address on this bridge stays.
  const retired = unused.filter((subnet) => present.includes(formatPrefix(bridgeAddress(subnet))))
  if (!dryRun) await ipBatch(retired.map((subnet) => addressDelete(bridgeAddress(subnet), settings.bridge)))
  return { retired, inUse }
}

/**
 * Does the same as a last step of ADD and DEL, and never fails them. Nearly always costs one
 * look at /proc and nothing else.
 */
export async function retireEarlierSubnets(load: () => Settings, now: Date, log: Log): Promise<void> {
  try {
    const settings = load()
    const families = (await bridgeSubnets(settings)).map(({ family }) => family)
    if (new Set(families).size === families.length) return
    const { subnets } = await loadIdentity(settings, unixSeconds(now))
    const { retired } = await retire(settings, subnets, false)
    for (const subnet of retired)
      log('info', 'earlier subnet retired', { dev: settings.bridge, address: formatPrefix(subnet) })
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    log('warn', 'earlier subnet not retired', { error: errorText(error) })
  }
}

async function addressesOf(dev: string): Promise<readonly string[]> {
  const links = parseShown<ShownLink>(await ipShow(['address', 'show', 'dev', dev]))
  return links.flatMap(({ addr_info = [] }) => addr_info.map(addressText))
}

async function bridgeSubnets({ bridge, pools }: Settings): Promise<readonly Prefix[]> {
  return subnetsOnLink(await kernelRoutes(), bridge, pools)
}
