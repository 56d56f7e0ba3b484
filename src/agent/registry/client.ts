// Asks another host for its containers, and tells it ours, over the overlay.

import { CniError } from '../../cni/error.ts'
import { isObject } from '../../json.ts'
import {
  type HostState,
  MOST_STATE_BYTES,
  parseState,
  parseVersion,
  renderState,
  type StateVersion,
} from '../../registry/host-state.ts'
import { askHost, packetsOf, REQUEST_PACKETS, type Target, targetAt } from '../http/ask-host.ts'
import type { AgentPeer } from '../peers/peer.ts'

/** The path on every agent. */
export const REGISTRY_PATH = '/v1/registry'

/** What came of asking. */
type Pulled =
  | { readonly kind: 'state'; readonly state: HostState }
  | { readonly kind: 'unchanged' }
  /** `refused`: what it sent was not accepted. */
  | { readonly kind: 'failed' | 'refused'; readonly why: string }

/** What came of telling. */
type Pushed =
  | { readonly kind: 'taken' }
  /** It holds a version that is higher than ours. */
  | { readonly kind: 'older'; readonly held: StateVersion }
  | { readonly kind: 'failed' | 'refused'; readonly why: string }

/** How a peer is reached. */
export interface Line {
  readonly port: number
  /** Told of packets on the nebula link. */
  readonly onLink: (packets: number) => void
}

/** Asks for the peer's state. @param etag of the state that is held. Never rejects. */
export async function pullState(peer: AgentPeer, etag: string | undefined, line: Line): Promise<Pulled> {
  const target = targetOf(peer, line)
  if (target === undefined) return { kind: 'failed', why: NO_ADDRESS }
  const headers = etag === undefined ? {} : { 'if-none-match': etag }
  const answer = await askHost(target, { method: 'GET', path: REGISTRY_PATH, headers }, undefined, {
    mostBytes: MOST_STATE_BYTES,
  })
  if ('why' in answer) return { kind: 'failed', why: answer.why }
  line.onLink(packetsOf(answer.body.length))
  if (answer.status === 304) return { kind: 'unchanged' }
  if (answer.status !== 200) return { kind: 'failed', why: statusText(answer.status) }
  const { name, subnets } = peer.contact.facts
  return orRefusal(() => ({
    kind: 'state',
    state: parseState(answer.body.toString('utf8'), subnets, `containers of ${name}`),
  }))
}

/** Tells the peer this host's state. Never rejects. */
export async function pushState(peer: AgentPeer, state: HostState, line: Line): Promise<Pushed> {
  const target = targetOf(peer, line)
  if (target === undefined) return { kind: 'failed', why: NO_ADDRESS }
  const body = renderState(state)
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  line.onLink(packetsOf(Buffer.byteLength(body)))
  const answer = await askHost(target, { method: 'POST', path: REGISTRY_PATH, headers }, body, {
    mostBytes: MOST_ANSWER_BYTES,
  })
  if ('why' in answer) return { kind: 'failed', why: answer.why }
  if (answer.status === 204) return { kind: 'taken' }
  const said = parsed(answer.body.toString('utf8'))
  if (answer.status === 409 && isObject(said))
    return orRefusal(() => ({ kind: 'older', held: parseVersion(said, 'answer') }))
  const problem = isObject(said) ? said['problem'] : undefined
  if (answer.status === 400 && typeof problem === 'string') return { kind: 'refused', why: problem }
  return { kind: 'failed', why: statusText(answer.status) }
}

const MOST_ANSWER_BYTES = 4096
const NO_ADDRESS = 'no overlay address of a shared family'

function targetOf({ contact }: AgentPeer, { port, onLink }: Line): Target | undefined {
  onLink(REQUEST_PACKETS)
  return targetAt(contact, 'tunnel', port)
}

function statusText(status: number): string {
  return status === 404
    ? 'its agent is of an earlier version, which tells no containers'
    : `answer ${String(status)}`
}

function orRefusal<Result>(read: () => Result): Result | { readonly kind: 'refused'; readonly why: string } {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    return { kind: 'refused', why: error.details }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
