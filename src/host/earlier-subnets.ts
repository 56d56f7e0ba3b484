// A host whose certificate was signed again with another subnet. New containers get addresses of the new one, living ones
// go on with theirs: the bridge keeps its old address until nothing is leased from that subnet any more.

import { formatPrefix, type Prefix, without } from '../addr/prefix.ts'
import { bridgeAddress } from '../addr/range.ts'
import { CniError } from '../cni/error.ts'
import type { Settings } from '../config/settings.ts'
import { ipBatch, ipShow } from '../exec/ip.ts'
import { addressDelete } from '../ip/address.ts'
import type { Log } from '../log.ts'
import { subnetsOnLink } from '../route/lookup.ts'
import { openStore } from '../state/store.ts'
import { loadIdentity } from './identity.ts'
import { kernelRoutes } from './network.ts'

/** What became of the earlier subnets. */
export interface Retirement {
  readonly retired: readonly Prefix[]
  readonly inUse: readonly Prefix[]
}

/**
 * Takes the bridge's address away in every earlier subnet that nothing is leased from.
 * @param dryRun only say which
 * @throws CniError CommandRefused
 */
export async function retire(
  settings: Settings,
  current: readonly Prefix[],
  dryRun: boolean,
): Promise<Retirement> {
  const earlier = without(bridgeSubnets(settings), current)
  if (earlier.length === 0) return { retired: [], inUse: [] }
  const store = openStore(settings.stateDir)
  const inUse = earlier.filter((subnet) => store.countLeased(subnet) > 0)
  const unused = earlier.filter((subnet) => !inUse.includes(subnet))
  const present = await addressesOf(settings.bridge)
  // Only the address that ADD once put there: an administrator's own on this bridge stays.
  const retired = unused.filter((subnet) => present.includes(formatPrefix(bridgeAddress(subnet))))
  if (!dryRun) await ipBatch(retired.map((subnet) => addressDelete(bridgeAddress(subnet), settings.bridge)))
  return { retired, inUse }
}

/** The same as a last step of ADD and DEL, which it must not make fail; nearly always one look at /proc and nothing else. */
export async function retireEarlierSubnets(load: () => Settings, now: Date, log: Log): Promise<void> {
  try {
    const settings = load()
    const families = bridgeSubnets(settings).map(({ family }) => family)
    if (new Set(families).size === families.length) return
    const { subnets } = await loadIdentity(settings, Math.floor(now.getTime() / 1000))
    const { retired } = await retire(settings, subnets, false)
    for (const subnet of retired)
      log('info', 'earlier subnet retired', { dev: settings.bridge, address: formatPrefix(subnet) })
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    log('warn', 'earlier subnet not retired', { error: `${error.message}: ${error.details}` })
  }
}

async function addressesOf(dev: string): Promise<readonly string[]> {
  const shown = await ipShow(['address', 'show', 'dev', dev])
  const links = JSON.parse(shown ?? '[]') as { addr_info?: { local: string; prefixlen: number }[] }[]
  return links.flatMap(({ addr_info = [] }) =>
    addr_info.map(({ local, prefixlen }) => `${local}/${String(prefixlen)}`),
  )
}

function bridgeSubnets({ bridge, pools }: Settings): readonly Prefix[] {
  return subnetsOnLink(kernelRoutes(), bridge, pools)
}
