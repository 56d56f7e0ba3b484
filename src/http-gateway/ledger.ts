// What nginx holds and what it should hold: which documents to push and which hosts to remove. Pure.

import { type HostDocument, type SelfDocument, type Snapshot, type Stamp, stampText } from './document.ts'
import type { Documents } from './documents.ts'

/** The documents as they were stamped last. */
export interface Ledger {
  readonly self: SelfDocument | undefined
  readonly hosts: ReadonlyMap<string, HostDocument & Stamp>
  /** Greater than any epoch that nginx holds, so that a push is never taken for an old one. */
  readonly epoch: number
  readonly seq: number
}

/** @param epoch Unix milliseconds of the agent's start */
export function newLedger(epoch: number): Ledger {
  return { self: undefined, hosts: new Map(), epoch, seq: 0 }
}

/** Stamps the documents that differ from the last ones; the others keep their stamp. */
export function stampDocuments(ledger: Ledger, { self, hosts }: Documents): Ledger {
  let { seq } = ledger
  const stamped = hosts.map((document) => {
    const before = ledger.hosts.get(document.host)
    if (before !== undefined && isSame(before, document)) return before
    seq += 1
    return { ...document, epoch: ledger.epoch, seq }
  })
  return { ...ledger, self, hosts: new Map(stamped.map((each) => [each.host, each])), seq }
}

/** Takes a later epoch where nginx holds documents of a clock that was ahead. */
export function outrun(ledger: Ledger, held: ReadonlyMap<string, string>): Ledger {
  const latest = Math.max(0, ...[...held.values()].map((stamp) => Number(stamp.split('-')[0])))
  if (latest <= ledger.epoch || !Number.isSafeInteger(latest + 1)) return ledger
  const epoch = latest + 1
  let seq = 0
  const hosts = [...ledger.hosts.values()].map((each) => {
    seq += 1
    return [each.host, { ...each, epoch, seq }] as const
  })
  return { ...ledger, hosts: new Map(hosts), epoch, seq }
}

/** What to change in nginx. */
interface Push {
  readonly self: boolean
  readonly put: readonly (HostDocument & Stamp)[]
  readonly remove: readonly string[]
}

/** @param held what nginx says that it holds: stamps by host, and what it was told of this host */
export function whatToPush(
  ledger: Ledger,
  held: { readonly hosts: ReadonlyMap<string, string>; readonly self: SelfDocument | undefined },
): Push {
  return {
    self: ledger.self !== undefined && (held.self === undefined || !isSame(held.self, ledger.self)),
    put: [...ledger.hosts.values()].filter((each) => held.hosts.get(each.host) !== stampText(each)),
    remove: [...held.hosts.keys()].filter((host) => !ledger.hosts.has(host)),
  }
}

/** The text of the file from which nginx starts; undefined before the first documents. */
export function snapshotText({ self, hosts }: Ledger): string | undefined {
  if (self === undefined) return undefined
  const snapshot: Snapshot = { version: 1, self, hosts: [...hosts.values()] }
  return `${JSON.stringify(snapshot)}\n`
}

// Compares the fields of `wanted`; a stamp on the other one does not count.
function isSame<Wanted extends object>(held: Wanted, wanted: Wanted): boolean {
  return Object.keys({ ...held, ...wanted }).every((key) => {
    if (key === 'epoch' || key === 'seq') return true
    const of = (value: object): unknown => (Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined)
    return JSON.stringify(of(held)) === JSON.stringify(of(wanted))
  })
}
