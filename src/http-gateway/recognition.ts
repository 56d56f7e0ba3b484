// Which HTTP Gateways the office has, and what came of asking each. GET /api/v1/gateways shows it
// (docs/gateways.schema.json). Pure.

import { compareText } from './document.ts'

/**
 * `self`: this host's own. `up`: it has proved whose it is. `down`: it does not answer. `stranger`: something
 * answers, but not as that host's HTTP Gateway. `unknown`: not asked yet.
 */
export type GatewayCondition = 'self' | 'up' | 'down' | 'stranger' | 'unknown'

/** One HTTP Gateway. Times are ISO 8601. */
export interface GatewayView {
  readonly host: string
  /** ADDRESS:PORT on the LAN; null if this host knows none for itself. */
  readonly address: string | null
  readonly state: GatewayCondition
  /** When the state last changed; null for this host's own. */
  readonly since: string | null
  /** When it last proved itself; null if never. */
  readonly lastContact: string | null
  /** Why it is down or a stranger. */
  readonly detail: string | null
}

export interface GatewaysDocument {
  readonly version: 1
  readonly host: string
  /** This host's first, then in byte order. */
  readonly gateways: readonly GatewayView[]
}

/** What came of one question. */
export type Heard =
  { readonly kind: 'proved' } | { readonly kind: 'stranger' | 'silent'; readonly why: string }

/** What is known of one HTTP Gateway. */
export interface Contact {
  readonly state: Exclude<GatewayCondition, 'self'>
  readonly since: string
  readonly lastContact: string | undefined
  readonly detail: string | undefined
  /** Questions without an answer, in a row. */
  readonly misses: number
}

/** One lost packet does not count: only the second question without an answer does. */
const MISSES_TO_DOWN = 2

export function newContact(now: string): Contact {
  return { state: 'unknown', since: now, lastContact: undefined, detail: undefined, misses: 0 }
}

/** @param now ISO 8601 */
export function nextContact(before: Contact, heard: Heard, now: string): Contact {
  const misses = heard.kind === 'silent' ? before.misses + 1 : 0
  const turn = (state: Contact['state'], detail?: string): Contact => ({
    state,
    since: state === before.state ? before.since : now,
    lastContact: heard.kind === 'proved' ? now : before.lastContact,
    detail,
    misses,
  })
  if (heard.kind === 'proved') return turn('up')
  if (heard.kind === 'stranger') return turn('stranger', heard.why)
  return misses < MISSES_TO_DOWN ? { ...before, misses } : turn('down', heard.why)
}

/** Whether requests may be sent there: to one that has not been asked yet, too. */
export function isUsable({ state }: Pick<Contact, 'state'>): boolean {
  return state === 'up' || state === 'unknown'
}

/** @param others by the label of their host */
export function gatewaysDocument(
  own: { readonly host: string; readonly address: string | undefined },
  others: ReadonlyMap<string, Contact & { readonly address: string }>,
): GatewaysDocument {
  const self: GatewayView = {
    host: own.host,
    address: own.address ?? null,
    state: 'self',
    since: null,
    lastContact: null,
    detail: null,
  }
  const views = [...others].map(
    ([host, { address, state, since, lastContact = null, detail = null }]): GatewayView => ({
      host,
      address,
      state,
      since,
      lastContact,
      detail,
    }),
  )
  return {
    version: 1,
    host: own.host,
    gateways: [self, ...views.toSorted((a, b) => compareText(a.host, b.host))],
  }
}
