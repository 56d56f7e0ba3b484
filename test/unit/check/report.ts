import t from 'tap'
import type { CheckItem, Finding } from '../../../src/check/item.ts'
import { judgeItem, type Judgement } from '../../../src/check/judge.ts'
import { makeReport, type Report } from '../../../src/check/report.ts'

const CONTEXT = {
  at: '2026-01-01T00:00:00Z',
  durationMs: 1,
  host: 'h',
  flatnet: '1',
  strict: false,
  timeoutMs: 10_000,
  waitedFor: [],
}

function item(id: string, findings: Finding | readonly Finding[], after: readonly string[] = []): CheckItem {
  const texts = { title: 'right', fault: 'wrong', why: 'It matters.', causes: ['c'], steps: ['do'] }
  return { id, ...texts, needs: [], after, judge: () => findings }
}

function reportOf(items: readonly CheckItem[], strict = false): Report {
  return makeReport(
    items.map((each) => judgeItem(each, {})),
    { ...CONTEXT, strict },
  )
}

const fail: Finding = { verdict: 'fail', seen: 'broken' }
const warn: Finding = { verdict: 'warn', seen: 'odd' }
const ok: Finding = { verdict: 'ok', seen: 'fine' }
const follows = ({ items }: Report, id: string): (string | undefined)[] | undefined =>
  items.find((each) => each.id === id)?.findings.map((finding) => finding.follows)

t.test('failures that follow from others are folded under the root cause', async (t) => {
  const report = reportOf([
    item('PATH-001', fail, ['NEB-001']),
    item('NEB-001', fail, ['SYS-001']),
    item('SYS-001', fail),
    item('CNI-001', fail, ['SYS-002']),
    item('SYS-002', ok),
  ])
  t.same(report.roots, ['SYS-001', 'CNI-001'])
  t.same(report.summary, { ok: 1, warn: 0, fail: 4, skip: 0, folded: 2 })
  t.same(follows(report, 'PATH-001'), ['SYS-001'])
  t.same(
    report.items.map(({ id }) => id),
    ['SYS-001', 'SYS-002', 'NEB-001', 'CNI-001', 'PATH-001'],
    'in the order of the groups',
  )
})

t.test('a skipped or passing item in between does not break the chain', async (t) => {
  const between = { verdict: 'skip', seen: 'cannot check' } as const
  const report = reportOf([
    item('SYS-001', fail),
    item('NEB-001', between, ['SYS-001']),
    item('PATH-001', fail, ['NEB-001']),
  ])
  t.same(report.roots, ['SYS-001'])
})

t.test('a warning does not explain a failure, a failure explains a warning', async (t) => {
  t.same(reportOf([item('SYS-001', warn), item('NEB-001', fail, ['SYS-001'])]).roots, ['SYS-001', 'NEB-001'])
  t.same(reportOf([item('SYS-001', fail), item('NEB-001', warn, ['SYS-001'])]).roots, ['SYS-001'])
})

t.test("one peer's fault does not explain another's", async (t) => {
  const report = reportOf([
    item('PATH-001', [
      { ...fail, subject: 'a' },
      { ...ok, subject: 'b' },
    ]),
    item(
      'PATH-002',
      [
        { ...fail, subject: 'a' },
        { ...fail, subject: 'b' },
      ],
      ['PATH-001'],
    ),
  ])
  t.same(follows(report, 'PATH-002'), ['PATH-001', undefined])
  t.same(report.roots, ['PATH-001', 'PATH-002'])
})

t.test('a circle of items terminates', async (t) => {
  const report = reportOf([item('SYS-001', fail, ['SYS-002']), item('SYS-002', fail, ['SYS-001'])])
  t.equal(report.exitCode, 2)
})

t.test('exit codes', async (t) => {
  t.equal(reportOf([item('SYS-001', ok)]).exitCode, 0)
  t.equal(reportOf([item('SYS-001', warn)]).exitCode, 0)
  t.equal(reportOf([item('SYS-001', warn)], true).exitCode, 1)
  t.equal(reportOf([item('SYS-001', warn), item('SYS-002', fail)], true).exitCode, 2)
  const blind: CheckItem = { ...item('SYS-001', ok), needs: ['settings'] }
  t.equal(reportOf([blind]).exitCode, 3, 'nothing could be checked')
  const partly = [blind, item('SYS-002', ok)]
  t.equal(reportOf(partly).exitCode, 0, 'most could be checked')
  t.equal(reportOf(partly, true).exitCode, 1, 'not all could be checked')
})

t.test('a late fact is reported once, and is not a warning', async (t) => {
  const slow: CheckItem = { ...item('SYS-001', ok), needs: ['settings', 'now'] }
  const alike: CheckItem = { ...slow, id: 'SYS-002' }
  const facts = { settings: { late: '"ip link" took long' }, now: { problem: 'no clock' } }
  const context = { ...CONTEXT, waitedFor: ['"ip link" took long'] }
  const late = (...more: CheckItem[]): Report =>
    makeReport(
      [slow, alike, ...more].map((each) => judgeItem(each, facts)),
      context,
    )
  t.match(late(item('SYS-003', ok)), {
    exitCode: 4,
    roots: [],
    summary: { ok: 1, warn: 0, skip: 2 },
    late: { timeoutMs: 10_000, items: ['SYS-001', 'SYS-002'], waitedFor: context.waitedFor },
  })
  t.match(late().items[0]?.findings, [{ verdict: 'skip', seen: 'no answer in time: "ip link" took long' }])
  t.equal(late().exitCode, 4, 'even if every fact was late')
  t.equal(late(item('SYS-003', fail)).exitCode, 2, 'a failure counts in any case')
  t.equal(reportOf([item('SYS-001', ok)]).late, undefined)
})

t.test('a bug in an item is reported as such and is not a verdict on the host', async (t) => {
  const wrong: CheckItem = {
    ...item('SYS-001', ok),
    judge: () => {
      throw new TypeError('no such thing')
    },
  }
  const report = reportOf([wrong, item('SYS-002', ok)])
  t.equal(report.exitCode, 3)
  t.match(report.items[0]?.findings[0], { verdict: 'skip', seen: /bug \(TypeError: no such thing\)/ })
})

t.test('a skip names the fact that could not be gathered', async (t) => {
  const blind: CheckItem = { ...item('SYS-001', ok), needs: ['settings', 'now'] }
  const judged: Judgement = judgeItem(blind, { settings: { problem: 'no file' }, now: { value: 1 } })
  t.same(judged.findings, [{ verdict: 'skip', seen: 'cannot check: no file' }])
})

t.test(
  'what could not be checked is a warning, once for each reason, unless there is a failure',
  async (t) => {
    const blind = (id: string): CheckItem => ({ ...item(id, ok), needs: ['settings'] })
    const some = [blind('SYS-001'), blind('SYS-002'), item('SYS-003', ok)]
    const { roots, items, summary } = reportOf(some)
    t.same(roots, ['SYS-001'])
    t.match(summary, { warn: 1, skip: 1, ok: 1 })
    t.equal(items[0]?.fault, 'could not be checked: right')
    t.match(items[0]?.findings[0], { seen: /^cannot check: settings/, next: [/--only SYS-001/] })
    t.same(reportOf([...some, item('SYS-004', fail)]).roots, ['SYS-004'])
    const told = { verdict: 'warn', seen: 'settings was not gathered' } as const
    t.same(reportOf([...some, item('SYS-004', told)]).roots, ['SYS-004'], 'the reason is given')
  },
)

t.test('the headline names the worst finding that is a root cause', async (t) => {
  const soon: Finding = { ...warn, fault: 'nearly wrong' }
  const headline = (findings: Finding | readonly Finding[], ...more: CheckItem[]): unknown =>
    reportOf([item('NEB-001', findings, ['SYS-001']), ...more]).items.find(({ id }) => id === 'NEB-001')
  t.match(headline(fail), { title: 'right', fault: 'wrong', findings: [{ fault: 'wrong' }] })
  t.match(headline([soon, ok]), { fault: 'nearly wrong' })
  t.match(headline([soon, fail]), {
    fault: 'wrong',
    findings: [{ fault: 'nearly wrong' }, { fault: 'wrong' }],
  })
  t.match(
    headline(
      [
        { ...fail, subject: 'a' },
        { ...soon, subject: 'b' },
      ],
      item('SYS-001', { ...fail, subject: 'a' }),
    ),
    {
      fault: 'nearly wrong',
    },
  )
  t.match(headline(fail, item('SYS-001', fail)), { fault: 'wrong' }, 'it is folded, but still named')
  for (const fine of [ok, { verdict: 'skip', seen: 'nothing' } as const])
    t.notHas(headline(fine), { fault: 'wrong' })
})

t.test('a finding may name what it follows from', async (t) => {
  const alone = item('PATH-001', { ...fail, after: [] }, ['SYS-001'])
  t.same(reportOf([item('SYS-001', fail), alone]).roots, ['SYS-001', 'PATH-001'])
  const other = item('PATH-001', { ...fail, after: ['SYS-001'] })
  const report = reportOf([item('SYS-001', fail), other])
  t.same(report.roots, ['SYS-001'])
  t.notOk(Object.hasOwn(report.items[1]?.findings[0] ?? {}, 'after'), 'it is not reported')
})

t.test('findings without steps of their own have those of their item', async (t) => {
  const [generic] = reportOf([item('SYS-001', fail)]).items[0]?.findings ?? []
  t.same(generic?.next, ['do'])
  const [own] = reportOf([item('SYS-001', { ...fail, next: ['this'] })]).items[0]?.findings ?? []
  t.same(own?.next, ['this'])
})
