// Visits one host: takes its list of certificates, and announces this host's own where the list lacks it.

import { formatIp, type Ip } from '../../addr/ip.ts'
import { packetsOf, REQUEST_PACKETS, type Target } from '../http/ask-host.ts'
import { announce, pullCertificates } from './client.ts'
import type { ExchangeCount } from './counts.ts'
import type { Learner } from './learner.ts'
import type { SeenLists } from './seen-lists.ts'
import type { StatementExchange } from './statements.ts'
import type { ExchangeView } from './view.ts'

interface VisitParts {
  readonly view: () => ExchangeView
  readonly seen: SeenLists
  readonly statements: StatementExchange
  readonly learn: Learner['learn']
  readonly count: (what: ExchangeCount) => void
  readonly onLink: (packets: number) => void
  readonly onClock: (overlay: string, aheadMs: number) => void
  readonly isStopped: () => boolean
}

const STOPPING = 'the agent is stopping'

/** Visits the host with this overlay address. Resolves to undefined if it answered, otherwise to why not. */
export async function visit(parts: VisitParts, overlay: Ip): Promise<string | undefined> {
  const { view, seen, statements, learn, count, onLink, onClock, isStopped } = parts
  const { identity } = view()
  const target = targetOf(view(), overlay)
  if (isStopped()) return STOPPING
  if (target === undefined) return 'this host has no overlay address of its family'
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
    const theirs = await statements.take(pulled.statements, host)
    const { isFinal } = await learn(pulled.certificates, host)
    const ours = pulled.certificates.includes(identity.pem) ? identity.fingerprint : undefined
    const etag = pulled.etag !== '' && isFinal ? pulled.etag : undefined
    lists.set(host, { etag, ours, statements: theirs })
  }
  await giveStatements(parts, target)
  await announceOwn(parts, target)
  return undefined
}

/** Announces this host's certificate to a host whose list lacks it. */
export async function announceOwn(
  {
    view,
    seen,
    count,
    onLink,
    isStopped,
  }: Pick<VisitParts, 'view' | 'seen' | 'count' | 'onLink' | 'isStopped'>,
  target: Target,
): Promise<void> {
  const { identity } = view()
  if (isStopped() || seen.current().get(formatIp(target.overlay))?.ours === identity.fingerprint) return
  onLink(REQUEST_PACKETS)
  const { kind } = await announce(target, identity.pem)
  count({ kind: 'announce', result: kind })
}

/** Gives a host this host's statements that it lacks. */
export async function giveStatements(
  { seen, statements, isStopped }: Pick<VisitParts, 'seen' | 'statements' | 'isStopped'>,
  target: Target,
): Promise<void> {
  if (isStopped()) return
  const [lists, host] = [seen.current(), formatIp(target.overlay)]
  const before = lists.get(host) ?? { etag: undefined, ours: undefined, statements: new Map() }
  lists.set(host, { ...before, statements: await statements.give(target, before.statements) })
}

/** Returns where to ask a host; undefined if this host has no overlay address of its family. */
export function targetOf({ identity, agent }: ExchangeView, overlay: Ip): Target | undefined {
  const localAddress = identity.overlay.find(({ family }) => family === overlay.family)
  return localAddress && { overlay, port: agent.port, localAddress }
}
