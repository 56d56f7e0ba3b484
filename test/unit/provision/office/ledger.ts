import t from 'tap'
import {
  type Assignment,
  hashOf,
  type LedgerEntry,
  ledgerLine,
  NO_HEAD,
  parseLedger,
  type Signature,
} from '../../../../src/provision/office/ledger.ts'

export const HOST_A: Assignment = {
  kind: 'assign',
  at: '2026-01-01T00:00:00.000Z',
  name: 'host-a',
  role: 'host',
  number: 1,
  overlay: ['10.86.1.1/16'],
  gateway: false,
  subnets: ['10.87.1.0/24'],
  groups: ['containers'],
  endpoints: [],
}
const SIGNED: Signature = {
  kind: 'sign',
  at: '2026-01-01T00:00:01.000Z',
  name: 'host-a',
  fingerprint: 'ab',
  notAfter: 2_000_000_000,
  certificate: '-----BEGIN NEBULA CERTIFICATE-----\n',
}
const REVOKED: LedgerEntry = { kind: 'revoke', at: SIGNED.at, name: 'host-a', fingerprints: ['ab'] }
const GATEWAY: LedgerEntry = { kind: 'gateway', at: SIGNED.at, name: 'host-a', gateway: true }
const REGROUPED: LedgerEntry = { kind: 'groups', at: SIGNED.at, name: 'host-a', groups: ['containers', 'ci'] }
const CA_STEP: LedgerEntry = {
  kind: 'ca',
  at: SIGNED.at,
  step: 'introduce',
  fingerprint: 'ab'.repeat(32),
  earlier: 'cd'.repeat(32),
}
const STATED: LedgerEntry = { kind: 'state', at: SIGNED.at, about: 'revocation', sequence: 7 }

function text(...entries: readonly LedgerEntry[]): string {
  let head = NO_HEAD
  return entries
    .map((entry) => {
      const line = ledgerLine(entry, head)
      head = hashOf(line)
      return line
    })
    .join('')
}

t.test('a ledger is read as it was written', async (t) => {
  const all = [HOST_A, SIGNED, REVOKED, STATED, REGROUPED, CA_STEP, GATEWAY]
  const written = text(...all)
  const { entries, head, tornBytes } = parseLedger(written, 'ledger')
  t.same(entries, all)
  t.equal(head, hashOf(written.split('\n')[6] ?? ''))
  t.equal(tornBytes, 0)
  t.same(parseLedger('', 'ledger'), { entries: [], head: NO_HEAD, tornBytes: 0 })
})

t.test('a line that was not finished counts for nothing', async (t) => {
  const { entries, tornBytes } = parseLedger(`${text(HOST_A)}{"version":1,"prev`, 'ledger')
  t.same(entries, [HOST_A])
  t.equal(tornBytes, 18)
})

t.test('a changed, removed, moved or foreign line is named', async (t) => {
  const lines = text(HOST_A, SIGNED).split('\n')
  const cases: readonly (readonly [text: string, says: RegExp])[] = [
    [`${lines[1] ?? ''}\n`, /ledger, line 1: does not follow/],
    [
      `${lines[0]?.replace('host-a', 'host-x') ?? ''}\n${lines[1] ?? ''}\n`,
      /ledger, line 2: does not follow/,
    ],
    [`${lines[0] ?? ''}\n${lines[0] ?? ''}\n`, /ledger, line 2: does not follow/],
    ['[]\n', /ledger, line 1: is not an object/],
    ['{\n', /ledger, line 1: is not an object/],
    ['{"version":2,"previous":""}\n', /newer flatnet-cni/],
    ['{"version":1,"previous":"","at":"x","name":"y","kind":"z"}\n', /is of an unknown kind/],
    [
      `${JSON.stringify({ version: 1, previous: '', ...HOST_A, overlay: ['x'] })}\n`,
      /overlay has an item that is not a network/,
    ],
    [`${JSON.stringify({ version: 1, previous: '', ...HOST_A, number: -1 })}\n`, /number is not a number/],
    [`${JSON.stringify({ version: 1, previous: '', ...HOST_A, role: 'king' })}\n`, /has no role/],
  ]
  for (const [each, says] of cases)
    t.throws(() => parseLedger(each, 'ledger'), { message: 'ledger damaged', details: says })
})
