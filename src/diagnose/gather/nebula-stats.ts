// Gathers Nebula's counters, now and at an earlier time. Nebula updates them only every few seconds
// (stats.interval), too slowly to wait for. Two earlier readings are stored, so that one of them always
// predates Nebula's last update, however often the check runs. Only loopback is asked, because the
// configuration may name any address.

import { errorText } from '../../cni/error.ts'
import type { Facts } from '../../check/facts.ts'
import { readMetrics } from '../../check/reading/prometheus-text.ts'
import { isLate } from '../../cni/late.ts'
import type { NebulaFacts } from '../../nebula/configuration/nebula-config.ts'
import { readUptimeMs } from '../../kernel/proc.ts'
import { readCache, writeCache } from '../../state/files/cache.ts'
import { type GatherContext, QUESTION_PART } from '../context.ts'
import { fetchText } from '../fetch-text.ts'

// Older drops say little about the present.
const LONGEST_SECONDS = 600
// Longer than Nebula's usual interval of 10 s.
const LEAST_SECONDS = 15
const TTL = 'certificate_ttl_seconds'
const DROPS = ['incoming', 'outgoing'].flatMap((way) =>
  ['local_ip', 'local_addr', 'remote_ip', 'remote_addr', 'no_rule'].map(
    (what) => `firewall_${way}_dropped_${what}`,
  ),
)

interface Look {
  /** Milliseconds since boot. */
  readonly at: number
  readonly drops: readonly (readonly [name: string, count: number])[]
}

interface Remembered {
  readonly pid: number
  /** Oldest first, at most two. */
  readonly looks: readonly Look[]
}

export async function gatherNebulaStats({ get, limitMs }: GatherContext): Promise<Facts['nebulaStats']> {
  const [{ stats }, { runDir }] = await Promise.all([get('nebulaConfig'), get('settings')])
  const pid = await get('nebula').then(
    ({ own }) => own?.pid ?? 0,
    (error: unknown) => {
      if (isLate(error)) throw error
      return 0
    },
  )
  const url = urlOf(stats)
  if (url === undefined) {
    return nothing(
      '',
      'Nebula offers no counters here: stats.type is not prometheus, or stats.listen is not on loopback',
    )
  }
  try {
    const text = await fetchText(url, limitMs * QUESTION_PART)
    const [after, path] = [readMetrics(text, DROPS), `${runDir}/nebula-drops.json`]
    const now: Look = { at: readUptimeMs(), drops: [...after] }
    const earlier = usable(readCache(path), pid, now.at)
    const { base, looks } = chooseBase(earlier, now)
    writeCache(path, { pid, looks } satisfies Remembered)
    const before = base === undefined ? after : new Map(base.drops)
    const seconds = base === undefined ? 0 : (now.at - base.at) / 1000
    // The gauge is 0 until Nebula first sets it.
    const certificateTtlSeconds = readMetrics(text, [TTL]).get(TTL) || undefined
    return { absent: undefined, url, before, after, seconds, certificateTtlSeconds }
  } catch (error) {
    if (isLate(error)) throw error
    return nothing(url, `${url} does not answer: ${errorText(error)}`)
  }
}

function usable(cached: unknown, pid: number, now: number): readonly Look[] {
  const { pid: earlierPid, looks } = (cached ?? {}) as Partial<Remembered>
  if (earlierPid !== pid || !Array.isArray(looks)) return []
  const isRecent = ({ at, drops }: Partial<Look>): boolean =>
    at !== undefined && at <= now && now - at < LONGEST_SECONDS * 1000 && Array.isArray(drops)
  return (looks as readonly Look[]).filter(isRecent)
}

/**
 * Chooses the reading to compare with, and those to keep: the newest that is old
 * enough, otherwise the oldest.
 */
export function chooseBase<Earlier extends { readonly at: number }>(
  earlier: readonly Earlier[],
  now: Earlier,
): { readonly base: Earlier | undefined; readonly looks: readonly Earlier[] } {
  const newest = earlier.at(-1)
  if (newest === undefined) return { base: undefined, looks: [now] }
  if (now.at - newest.at >= LEAST_SECONDS * 1000) return { base: newest, looks: [newest, now] }
  return { base: earlier[0], looks: earlier }
}

function nothing(url: string, absent: string): Facts['nebulaStats'] {
  return { absent, url, before: new Map(), after: new Map(), seconds: 0, certificateTtlSeconds: undefined }
}

function urlOf({ type, listen, path }: NebulaFacts['stats']): string | undefined {
  const [, host = '', port] = /^(.*):(\d{1,5})$/.exec(listen ?? '') ?? []
  if (type !== 'prometheus' || port === undefined) return undefined
  const at = `:${port}${path?.startsWith('/') === true ? path : '/metrics'}`
  if (/^127\.\d+\.\d+\.\d+$/.test(host) || host === 'localhost' || host === '[::1]')
    return `http://${host}${at}`
  // A listener on all addresses is also on loopback.
  return ['', '0.0.0.0', '[::]'].includes(host) ? `http://127.0.0.1${at}` : undefined
}
