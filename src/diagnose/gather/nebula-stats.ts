// Nebula's counters now and some time before: Nebula itself brings them up to date every few seconds only (stats.interval),
// too slowly to wait for. Two earlier looks are remembered, so that there is always one from before Nebula's last update,
// however often somebody looks. Only loopback is asked: what its configuration names may be anywhere.

import type { Facts } from '../../check/facts.ts'
import { readMetrics } from '../../check/prometheus-text.ts'
import type { NebulaFacts } from '../../nebula/nebula-config.ts'
import { readCache, writeCache } from '../../state/cache.ts'
import type { GatherContext } from '../context.ts'
import { fetchText } from '../fetch-text.ts'

const LIMIT_MS = 700
// What was dropped longer ago says little about now.
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
  /** Unix time in milliseconds. */
  readonly at: number
  readonly drops: readonly (readonly [name: string, count: number])[]
}

interface Remembered {
  readonly pid: number
  /** Oldest first, two at most. */
  readonly looks: readonly Look[]
}

export async function gatherNebulaStats({ get }: GatherContext): Promise<Facts['nebulaStats']> {
  const [{ stats }, { runDir }] = await Promise.all([get('nebulaConfig'), get('settings')])
  const pid = await get('nebula').then(
    ({ own }) => own?.pid ?? 0,
    () => 0,
  )
  const url = urlOf(stats)
  if (url === undefined) {
    return nothing(
      '',
      'Nebula counts for nobody here: stats.type is not prometheus, or stats.listen is not on loopback',
    )
  }
  try {
    const text = await fetchText(url, LIMIT_MS)
    const [after, path] = [readMetrics(text, DROPS), `${runDir}/nebula-drops.json`]
    const now: Look = { at: Date.now(), drops: [...after] }
    const earlier = usable(readCache(path), pid, now.at)
    const { base, looks } = chooseBase(earlier, now)
    writeCache(path, { pid, looks } satisfies Remembered)
    const before = base === undefined ? after : new Map(base.drops)
    const seconds = base === undefined ? 0 : (now.at - base.at) / 1000
    // The gauge is 0 until Nebula has set it for the first time.
    const certificateTtlSeconds = readMetrics(text, [TTL]).get(TTL) || undefined
    return { absent: undefined, url, before, after, seconds, certificateTtlSeconds }
  } catch (error) {
    return nothing(url, `${url} does not answer: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function usable(cached: unknown, pid: number, now: number): readonly Look[] {
  const { pid: earlierPid, looks } = (cached ?? {}) as Partial<Remembered>
  if (earlierPid !== pid || !Array.isArray(looks)) return []
  const isRecent = ({ at, drops }: Partial<Look>): boolean =>
    at !== undefined && at <= now && now - at < LONGEST_SECONDS * 1000 && Array.isArray(drops)
  return (looks as readonly Look[]).filter(isRecent)
}

/** The look to compare with, and those to remember: the newest that is old enough, otherwise the oldest there is. */
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
  // Everywhere is on loopback too.
  return ['', '0.0.0.0', '[::]'].includes(host) ? `http://127.0.0.1${at}` : undefined
}
