// Visits one host: takes its list of certificates, and announces this host's own where the list lacks it.

import { formatIp, type Ip } from '../../addr/ip.ts'
import { packetsOf, REQUEST_PACKETS, type Target } from '../http/ask-host.ts'
import { announce, pullCertificates } from './client.ts'
import type { ExchangeCount } from './counts.ts'
import type { Learner } from './learner.ts'
import type { SeenLists } from './seen-lists.ts'
import type { ExchangeView } from './view.ts'

interface VisitParts {
  readonly view: () => ExchangeView
  readonly seen: SeenLists
  readonly learn: Learner['learn']
  readonly count: (what: ExchangeCount) => void
  readonly onLink: (packets: number) => void
  readonly onClock: (overlay: string, aheadMs: number) => void
  readonly isStopped: () => boolean
}

const STOPPING = 'the agent is stopping'

/** Visits the host with this overlay address. Resolves to undefined if it answered, otherwise to why not. */
export async function visit(parts: VisitParts, overlay: Ip): Promise<string | undefined> {
  const { view, seen, learn, count, onLink, onClock, isStopped } = parts
  const { identity, agent } = view()
  const localAddress = identity.overlay.find(({ family }) => family === overlay.family)
  if (isStopped()) return STOPPING
  if (localAddress === undefined) return 'this host has no overlay address of its family'
  const target: Target = { overlay, port: agent.port, localAddress }
  const host = formatIp(overlay)
  const lists = seen.current()
  onLink(REQUEST_PACKETS)
  const pulled = await pullCertificates(target, lists.get(host)?.etag)
  count({ kind: 'pull', result: pulled.kind })
  if (pulled.kind === 'failed') return pulled.why
  if (isStopped()) return STOPPING
  if (pulled.clockAheadMs !== undefined) onClock(host, pulled.clockAheadMs)
  if (pulled.kind === 'list') {
    onLink(packetsOf(pulled.certificates.join('').length))
    const { isFinal } = await learn(pulled.certificates, host)
    const ours = pulled.certificates.includes(identity.pem) ? identity.fingerprint : undefined
    lists.set(host, { etag: pulled.etag !== '' && isFinal ? pulled.etag : undefined, ours })
  }
  if (lists.get(host)?.ours !== identity.fingerprint) {
    onLink(REQUEST_PACKETS)
    const { kind } = await announce(target, identity.pem)
    count({ kind: 'announce', result: kind })
  }
  return undefined
}
