// Nebula's counters now and the last time that somebody looked: Nebula itself brings them up to date every few seconds only
// (stats.interval), too slowly to wait for. Only loopback is asked: what its configuration names may be anywhere.

import type { Facts } from '../../check/facts.ts'
import { readMetrics } from '../../check/prometheus-text.ts'
import type { NebulaFacts } from '../../nebula/nebula-config.ts'
import { readCache, writeCache } from '../../state/cache.ts'
import type { GatherContext } from '../context.ts'
import { fetchText } from '../fetch-text.ts'

const LIMIT_MS = 700
// What was dropped longer ago says little about now.
const LONGEST_SECONDS = 600
const TTL = 'certificate_ttl_seconds'
const DROPS = ['incoming', 'outgoing'].flatMap((way) =>
  ['local_ip', 'local_addr', 'remote_ip', 'remote_addr', 'no_rule'].map(
    (what) => `firewall_${way}_dropped_${what}`,
  ),
)

interface Remembered {
  /** Unix time in milliseconds. */
  readonly at: number
  readonly pid: number
  readonly drops: readonly (readonly [name: string, count: number])[]
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
    const [after, at, path] = [readMetrics(text, DROPS), Date.now(), `${runDir}/nebula-drops.json`]
    const earlier = readCache(path) as Partial<Remembered> | undefined
    writeCache(path, { at, pid, drops: [...after] } satisfies Remembered)
    const seconds = (at - (earlier?.at ?? 0)) / 1000
    const isOfUse =
      earlier?.pid === pid && seconds >= 0 && seconds < LONGEST_SECONDS && Array.isArray(earlier.drops)
    const before = isOfUse ? new Map<string, number>(earlier.drops as Remembered['drops']) : after
    // The gauge is 0 until Nebula has set it for the first time.
    const certificateTtlSeconds = readMetrics(text, [TTL]).get(TTL) || undefined
    return { absent: undefined, url, before, after, seconds: isOfUse ? seconds : 0, certificateTtlSeconds }
  } catch (error) {
    return nothing(url, `${url} does not answer: ${error instanceof Error ? error.message : String(error)}`)
  }
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
