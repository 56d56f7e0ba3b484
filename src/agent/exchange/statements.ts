// Passes statements on: takes newer ones from other hosts, and gives them those that they lack. Each is
// verified as if an attacker had sent it.

import type { IncomingMessage, ServerResponse } from 'node:http'

import { formatIp } from '../../addr/ip.ts'
import { CniError } from '../../cni/error.ts'
import { takeStatement } from '../../host/identity/statements.ts'
import type { Log } from '../../log.ts'
import { refusalKind } from '../../nebula/certificate/refusal.ts'
import { MOST_STATEMENT_BYTES } from '../../provision/statement/envelope.ts'
import { isNewer, type SignedStatement, slotOf } from '../../provision/statement/statement.ts'
import { callerOf } from '../http/http.ts'
import { packetsOf, REQUEST_PACKETS, type Target } from '../http/ask-host.ts'
import { readBody } from '../http/read-body.ts'
import { passOn } from './client.ts'
import type { ReceivedRefusal } from './learn.ts'
import { onceLogged } from './once-logged.ts'
import type { ExchangeView } from './view.ts'

/** What another host holds, by slot. */
export type Theirs = ReadonlyMap<string, SignedStatement>

/** Statements on their way between hosts. */
export interface StatementExchange {
  /** Takes what another host's list holds, and returns what of it is verified. */
  readonly take: (texts: readonly string[], from: string) => Promise<Theirs>
  /** Gives a host those of ours that are newer than what it holds. Returns what it holds then. */
  readonly give: (target: Target, theirs: Theirs) => Promise<Theirs>
  /**
   * Answers POST. 204: taken or known, 400: no statement of a CA of this host, 408: too slow, 409: an older
   * one, 413: too large.
   */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>
}

/** What it works with. */
interface StatementParts {
  readonly view: () => ExchangeView
  readonly log: Log
  readonly refused: (why: ReceivedRefusal) => void
  readonly onLink: (packets: number) => void
  /** Called after a newer statement was stored. */
  readonly onStatements: () => void
}

/** Makes the exchange of statements. */
export function exchangeStatements(parts: StatementParts): StatementExchange {
  const { view, log, refused, onLink, onStatements } = parts
  const logRefusal = onceLogged(log, 'statement')

  const takeOne = async (
    text: string,
    from: string,
  ): Promise<Awaited<ReturnType<typeof takeStatement>> | undefined> => {
    const { settings, identity } = view()
    try {
      const result = await takeStatement(settings, identity.pool, text, `statement from ${from}`)
      if (result.taken === 'new') {
        const { kind, sequence, at } = result.signed.statement
        log('info', 'statement taken', { what: `${kind} ${String(sequence)} of ${at}`, address: from })
      }
      return result
    } catch (error) {
      if (!(error instanceof CniError)) throw error
      refused(refusalKind(error))
      logRefusal(refusalKind(error), from, error.details)
      return undefined
    }
  }

  return {
    take: async (texts, from) => {
      const theirs = new Map<string, SignedStatement>()
      const ours = new Map([...view().statements.bySlot.values()].map((each) => [each.text, each]))
      let isAnyNew = false
      for (const text of texts) {
        const result = ours.has(text) ? undefined : await takeOne(text, from)
        const signed = ours.get(text) ?? result?.signed
        if (signed !== undefined) theirs.set(slotOf(signed.statement), signed)
        isAnyNew ||= result?.taken === 'new'
      }
      if (isAnyNew) onStatements()
      return theirs
    },
    give: async (target, theirs) => {
      const known = new Map(theirs)
      for (const [slot, ours] of view().statements.bySlot) {
        const held = known.get(slot)
        if (held !== undefined && !isNewer(ours, held)) continue
        onLink(REQUEST_PACKETS + packetsOf(ours.text.length))
        const { kind } = await passOn(target, ours.text)
        // One that refuses it, as earlier agents do, is not asked again until its list changes.
        if (kind !== 'failed') known.set(slot, ours)
      }
      return known
    },
    handle: async (request, response) => {
      const caller = callerOf(request)
      const from = caller === undefined ? 'an unknown address' : formatIp(caller)
      const body = await readBody(request, MOST_STATEMENT_BYTES)
      if (typeof body === 'number') return end(response, body)
      const result = await takeOne(body, from)
      if (result?.taken === 'new') onStatements()
      end(response, result === undefined ? 400 : result.taken === 'older' ? 409 : 204)
    },
  }
}

// The unread rest of a body disappears with its connection.
function end(response: ServerResponse, status: number): void {
  response.writeHead(status, status === 204 ? {} : { connection: 'close' }).end()
}
