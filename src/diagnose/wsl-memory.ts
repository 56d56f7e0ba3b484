// Remembers facts from one check to the next inside WSL, in <dataDir>/wsl-seen.json, to detect a change of
// address or a jump of the clock. Losing the file costs at most one warning.

import { readFileSync } from 'node:fs'
import { formatIp } from '../addr/ip.ts'
import type { WslMemory, WslPlace } from '../check/facts/wsl.ts'
import { defaultRoute } from '../check/reading/default-route.ts'
import { readCache, writeCache } from '../state/files/cache.ts'
import { bootId } from '../kernel/presence.ts'
import type { GatherContext } from './context.ts'

interface Seen extends WslPlace {
  readonly bootId: string
  /** Boot time in Unix seconds by the machine's clock; it moves when the clock is set. */
  readonly bootTime: number
  readonly earlier?: WslPlace
}

// The kernel computes the boot time from clock and uptime, which drift apart by a second now and then.
const JUMP_SECONDS = 60

/** Compares the current state with the last one, and stores it. */
export async function rememberPlace({ get }: Pick<GatherContext, 'get'>): Promise<WslMemory> {
  const [{ dataDir }, place] = await Promise.all([get('settings'), placeOf(get)])
  const path = `${dataDir}/wsl-seen.json`
  const last = readCache(path) as Partial<Seen> | undefined
  const [boot, bootTime] = [bootId(), readBootTime()]
  const isSameBoot = last?.bootId === boot
  const jumpedSeconds = isSameBoot ? bootTime - (last.bootTime ?? bootTime) : 0
  const earlier = earlierOf(last, place, isSameBoot)
  if (place !== undefined)
    writeCache(path, { ...place, bootId: boot, bootTime, ...(earlier === undefined ? {} : { earlier }) })
  return { now: place, earlier, jumpedSeconds: jumpedSeconds > JUMP_SECONDS ? jumpedSeconds : 0 }
}

// A change is reported until the next boot, or until the earlier address returns.
function earlierOf(
  last: Partial<Seen> | undefined,
  place: WslPlace | undefined,
  isSameBoot: boolean,
): WslPlace | undefined {
  if (last?.address === undefined || last.gateway === undefined || place === undefined) return undefined
  const hasMoved = (from: WslPlace): boolean =>
    from.address !== place.address || from.gateway !== place.gateway
  const { address, gateway } = last
  const before = isSameBoot ? last.earlier : undefined
  if (hasMoved({ address, gateway }))
    return before !== undefined && !hasMoved(before) ? undefined : { address, gateway }
  return before
}

async function placeOf(get: GatherContext['get']): Promise<WslPlace | undefined> {
  const [links, routes] = await Promise.all([get('links'), get('routes')])
  const route = defaultRoute(routes)
  const link = links.find(({ name }) => name === route?.dev)
  const address = link?.addresses.find(({ family }) => family === 4)
  return route?.via === undefined || address === undefined
    ? undefined
    : { address: formatIp(address), gateway: formatIp(route.via) }
}

function readBootTime(): number {
  return Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1] ?? '0')
}
