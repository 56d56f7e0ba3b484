import t from 'tap'
import { admit, refuseForeign } from '../../../../src/provision/host/admission.ts'
import {
  isComplete,
  joinedHost,
  type JournalEntry,
  journalLine,
  parseJournal,
  pathHistories,
} from '../../../../src/provision/host/journal.ts'
import { undoSteps, unitsToStop } from '../../../../src/provision/host/undo.ts'
import type { Found } from '../../../../src/provision/host/step.ts'
import { checked } from '../../../fixtures/office/bundles.ts'

const HOST = {
  kind: 'host',
  at: 'now',
  office: 'flatnet',
  authority: 'ab',
  name: 'host-a',
  serial: 4,
} as const
const at = (path: string, before: Found, after: string, backup = ''): JournalEntry => ({
  kind: 'path',
  path,
  before,
  after,
  backup,
})
const file = (sha256: string, mode = 0o644): Found => ({ kind: 'file', mode, sha256 })
const ABSENT: Found = { kind: 'absent' }

t.test('a journal is read as it was written, without a line that was not finished', async (t) => {
  const entries: readonly JournalEntry[] = [
    HOST,
    at('/d', ABSENT, ''),
    at('/f', file('old', 0o600), 'new', '1'),
    at('/l', { kind: 'link', target: '/x' }, '/y'),
    { kind: 'unit', unit: 'nebula@config.service' },
    { kind: 'done' },
  ]
  const text = entries.map(journalLine).join('')
  t.same(parseJournal(text, 'journal'), entries)
  t.same(parseJournal(`${text}{"vers`, 'journal'), entries)
  t.same(joinedHost(entries), HOST)
  t.equal(isComplete(entries), true)
  t.equal(isComplete([...entries, HOST]), false)
})

t.test('a damaged line is named', async (t) => {
  const cases: readonly (readonly [line: string, says: RegExp])[] = [
    ['x', /journal, line 1: is not an object/],
    ['{"version":2}', /newer flatnet-cni/],
    ['{"version":1,"kind":"x"}', /of an unknown kind/],
    ['{"version":1,"kind":"path","path":"x","backup":""}', /path is not absolute/],
    ['{"version":1,"kind":"path","path":"/x","backup":"../../etc/shadow"}', /backup is not a name of a copy/],
    [
      '{"version":1,"kind":"path","path":"/x","backup":"","after":"","before":{"kind":"file"}}',
      /before does not say/,
    ],
    ['{"version":1,"kind":"unit","unit":"--now"}', /unit is not a name of a unit/],
  ]
  for (const [line, says] of cases)
    t.throws(() => parseJournal(`${line}\n`, 'journal'), { message: 'journal damaged', details: says })
})

t.test('leave restores what was there first, last things first', async (t) => {
  const entries: readonly JournalEntry[] = [
    at('/made', ABSENT, 'a'),
    at('/was', file('old', 0o600), 'a', '1'),
    at('/was', file('a'), 'b'),
    at('/link', { kind: 'link', target: '/x' }, 'c'),
    at('/edited', ABSENT, 'd'),
    at('/both', file('old'), 'e', '2'),
    at('/folder', ABSENT, ''),
    at('/gone', ABSENT, 'f'),
    at('/never', file('old'), 'g', '3'),
  ]
  const found = new Map<string, Found>([
    ['/made', file('a')],
    ['/was', file('b')],
    ['/link', file('c')],
    ['/edited', file('mine')],
    ['/both', file('mine')],
    ['/folder', { kind: 'folder', mode: 0o755 }],
    ['/never', file('old')],
  ])
  t.same(undoSteps(entries, found), [
    { path: '/folder', act: 'remove-folder' },
    { path: '/both', act: 'save', saved: '/both.saved-by-leave' },
    { path: '/both', act: 'restore', backup: '2', mode: 0o644 },
    { path: '/edited', act: 'save', saved: '/edited.saved-by-leave' },
    { path: '/link', act: 'relink', target: '/x' },
    { path: '/was', act: 'restore', backup: '1', mode: 0o600 },
    { path: '/made', act: 'remove' },
  ])
  t.equal(pathHistories(entries).length, 8)
  const units: readonly JournalEntry[] = ['a', 'b', 'a'].map((unit) => ({ kind: 'unit', unit }))
  t.same(unitsToStop(units), ['b', 'a'])
})

t.test('a host takes newer bundles of its own only', async (t) => {
  const bundle = checked()
  const here = { ...HOST, authority: bundle.authority }
  const AT = { source: 'x.flatnet', trusted: new Set<string>() }
  for (const before of [undefined, here, { ...here, serial: 1 }])
    t.doesNotThrow(() => admit(bundle, before, AT))
  t.throws(() => admit(bundle, { ...here, serial: 5 }, AT), { message: 'bundle too old' })
  t.throws(() => admit(bundle, { ...here, name: 'host-b' }, AT), {
    message: 'bundle of another host',
    details: /this host is host-b of flatnet/,
  })
  t.throws(() => admit(bundle, HOST, AT), {
    message: 'bundle of another office',
    details: /flatnet-cni leave/,
  })
  t.doesNotThrow(
    () => admit(bundle, { ...HOST, serial: 1 }, { ...AT, trusted: new Set([bundle.authority]) }),
    'the office has a new CA, and the host trusts it',
  )
  t.throws(() => refuseForeign('/etc/nebula/host.crt', true), { name: 'CniError', details: /--replace/ })
})
