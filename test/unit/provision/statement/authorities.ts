import t from 'tap'
import { caPool } from '../../../../src/nebula/certificate/ca-pool.ts'
import { caFileText, trustOf } from '../../../../src/provision/statement/authorities.ts'
import {
  type Introduction,
  type Retirement,
  slotOf,
  type Statement,
} from '../../../../src/provision/statement/statement.ts'
import { testAuthority } from '../../../fixtures/certificates.ts'
import { followDamaged } from '../../../fixtures/office/ca-statements.ts'
import { type Authority, issueAuthority } from '../../nebula/fixtures/issue.ts'

const OLD = testAuthority()
const NEW = issueAuthority(2, 'CURVE25519', { name: 'new' })
const NEWER = issueAuthority(1, 'P256', { name: 'newer' })
const STRANGER = issueAuthority(2, 'P256', { name: 'stranger' })

const HEAD = { office: 'flatnet', sequence: 1, at: '2030-03-17T17:46:40.000Z' }

function introduces(by: Authority, pem: string): Introduction {
  return { kind: 'introduction', ...HEAD, authority: by.fingerprint, certificate: pem }
}

function retires(by: Authority, ...retired: readonly Authority[]): Retirement {
  return {
    kind: 'retirement',
    ...HEAD,
    authority: by.fingerprint,
    retired: retired.map(({ fingerprint }) => fingerprint),
  }
}

/** What statements make of a file of CAs: names of those that count, and the text of the file. */
function outcome(file: readonly Authority[], said: readonly Statement[], needed: readonly Authority[] = []) {
  const pem = file.map((each) => each.pem).join('')
  const bySlot = new Map(said.map((each) => [slotOf(each), each]))
  const trust = trustOf(caPool(pem, 'ca.crt'), (pool, of, kind) =>
    pool.authorities.has(of) ? bySlot.get(slotOf({ authority: of, kind })) : undefined,
  )
  const text = caFileText(pem, trust, new Set(needed.map(({ fingerprint }) => fingerprint)))
  return { counts: [...trust.pool.authorities.keys()], file: text }
}

const fingerprints = (...list: readonly Authority[]): readonly string[] =>
  list.map(({ fingerprint }) => fingerprint)

t.test('a CA introduces the next one, which retires it', async (t) => {
  const introduced = introduces(OLD, NEW.pem)
  t.same(outcome([OLD], [introduced]), { counts: fingerprints(OLD, NEW), file: OLD.pem + NEW.pem })
  t.equal(outcome([OLD, NEW], [introduced]).file, undefined, 'nothing is left to do')
  const retired = retires(NEW, OLD)
  t.same(outcome([OLD, NEW], [introduced, retired]), { counts: fingerprints(NEW), file: NEW.pem })
  t.same(
    outcome([OLD, NEW], [introduced, retired], [OLD]),
    { counts: fingerprints(NEW), file: undefined },
    'a host whose own certificate needs it keeps it',
  )
  t.equal(outcome([OLD], [introduced, retired]).file, NEW.pem, 'a host that missed both')
  t.same(
    outcome([OLD], [introduced, retired, introduces(NEW, NEWER.pem), retires(NEWER, NEW)]),
    { counts: fingerprints(NEWER), file: NEWER.pem },
    'two changes, one after the other',
  )
})

t.test('no CA takes another away that has not introduced it', async (t) => {
  const both = [OLD, STRANGER]
  t.same(outcome(both, [retires(STRANGER, OLD)]), { counts: fingerprints(...both), file: undefined })
  t.same(
    outcome(both, [introduces(OLD, NEW.pem), retires(STRANGER, OLD)]).counts,
    fingerprints(OLD, STRANGER, NEW),
  )
  t.same(
    outcome([OLD], [introduces(NEW, STRANGER.pem)]).counts,
    fingerprints(OLD),
    'nor does one that is not trusted',
  )
})

t.test('an introduction of something else changes nothing', async (t) => {
  for (const odd of ['', 'x', OLD.pem + NEW.pem, NEW.pem.slice(0, 90), NEW.pem.replace(/[A-Z]{4}/, 'AAAA')])
    t.same(
      outcome([OLD], [introduces(OLD, odd)]),
      { counts: fingerprints(OLD), file: undefined },
      odd.slice(0, 40),
    )
})

t.test('a circle of introductions ends', async (t) => {
  const circle = [introduces(OLD, NEW.pem), introduces(NEW, OLD.pem), retires(OLD, NEW), retires(NEW, OLD)]
  t.same(outcome([OLD], circle).file, undefined, 'and never leaves a host without a CA')
})

t.test(
  '20,000 damaged introductions and retirements: an error of ours, or a CA that was named',
  async (t) => {
    t.same(followDamaged(20_261_201, 20_000), [])
  },
)
