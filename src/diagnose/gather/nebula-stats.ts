// Two readings of Nebula's counters a moment apart. Only loopback is asked: what its configuration names may be anywhere.

import type { Facts } from '../../check/facts.ts'
import { readMetrics } from '../../check/prometheus-text.ts'
import type { NebulaFacts } from '../../nebula/nebula-config.ts'
import type { GatherContext } from '../context.ts'
import { fetchText } from '../fetch-text.ts'

// Both readings and the pause have to fit into what a fact may take (GATHER_LIMIT_MS).
const PAUSE_MS = 300
const LIMIT_MS = 300
const TTL = 'certificate_ttl_seconds'
const DROPS = ['incoming', 'outgoing'].flatMap((way) =>
  ['local_ip', 'local_addr', 'remote_ip', 'remote_addr', 'no_rule'].map(
    (what) => `firewall_${way}_dropped_${what}`,
  ),
)

export async function gatherNebulaStats({ get }: GatherContext): Promise<Facts['nebulaStats']> {
  const { stats } = await get('nebulaConfig')
  const url = urlOf(stats)
  if (url === undefined) {
    return nothing(
      '',
      'Nebula counts for nobody here: stats.type is not prometheus, or stats.listen is not on loopback',
    )
  }
  try {
    const [first, start] = [await fetchText(url, LIMIT_MS), performance.now()]
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    const last = await fetchText(url, LIMIT_MS)
    const seconds = (performance.now() - start) / 1000
    const certificateTtlSeconds = readMetrics(last, [TTL]).get(TTL)
    return {
      absent: undefined,
      url,
      before: readMetrics(first, DROPS),
      after: readMetrics(last, DROPS),
      seconds,
      certificateTtlSeconds,
    }
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
