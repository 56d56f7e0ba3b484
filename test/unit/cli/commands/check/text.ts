import t from 'tap'
import type { CheckItem } from '../../../../../src/check/item.ts'
import { judgeItem } from '../../../../../src/check/judge.ts'
import { makeReport } from '../../../../../src/check/report.ts'
import { checkText } from '../../../../../src/cli/commands/check/text.ts'
import { explanation } from '../../../../../src/cli/commands/check/explain.ts'
import { COLOURED, PLAIN } from '../../../../../src/cli/text/theme.ts'

const TEXTS = {
  fault: 'something is wrong',
  why: 'It matters.',
  causes: ['a cause'],
  steps: ['a step'],
  needs: [],
} as const
const ITEMS: readonly CheckItem[] = [
  {
    ...TEXTS,
    id: 'SYS-001',
    title: 'one is right',
    fault: 'one is wrong',
    judge: () => ({ verdict: 'fail', seen: 'one is broken', next: ['mend one'] }),
  },
  { ...TEXTS, id: 'SYS-002', title: 'two is right', judge: () => ({ verdict: 'ok', seen: 'two' }) },
  {
    ...TEXTS,
    id: 'NEB-001',
    title: 'three is right',
    fault: 'three is wrong',
    after: ['SYS-001'],
    judge: () => ({ verdict: 'fail', subject: 'peer', seen: 'three is broken' }),
  },
  { ...TEXTS, id: 'GW-001', title: 'four is right', judge: () => [] },
]
const CONTEXT = {
  at: '2026-01-01T00:00:00Z',
  durationMs: 120,
  host: 'host-a',
  flatnet: '1',
  strict: false,
  timeoutMs: 10_000,
  waitedFor: [],
}
const REPORT = makeReport(
  ITEMS.map((item) => judgeItem(item, {})),
  CONTEXT,
)

t.test('late facts are named once, with a command to type, and are not a fault', async (t) => {
  const item = (id: string, needs: CheckItem['needs']): CheckItem => ({
    ...TEXTS,
    id,
    title: 'right',
    needs,
    judge: () => ({ verdict: 'ok', seen: 'fine' }),
  })
  const late = '"ip -j address show" took longer than 5000 ms'
  const report = makeReport(
    [item('SYS-001', ['links']), item('SYS-002', []), item('SYS-003', [])].map((each) =>
      judgeItem(each, { links: { late } }),
    ),
    { ...CONTEXT, waitedFor: [late] },
  )
  t.equal(
    checkText(report, false, PLAIN),
    `flatnet-cni check on host-a  2026-01-01T00:00:00Z, 3 checks in 0.1 s

late  1 of 3 checks not done within 10 s
      waited for: "ip -j address show" took longer than 5000 ms
      -> flatnet-cni check --timeout 60s --only SYS-001
      This is not a fault of the host: the machine is busy, or what flatnet-cni waited for hangs.

SYS   2 ok, 1 skip

2 ok, 1 skipped (--verbose says why)
`,
  )
})

t.test(
  'faults come first with commands to type, what follows from them below, then the groups',
  async (t) => {
    t.equal(
      checkText(REPORT, false, PLAIN),
      `flatnet-cni check on host-a  2026-01-01T00:00:00Z, 4 checks in 0.1 s

FAIL  SYS-001  one is wrong
      one is broken
      -> mend one
      It matters.
      also affected: NEB-001 three is wrong (peer)

SYS   1 FAIL, 1 ok
NEB   1 FAIL
GW    1 skip

2 failed, 1 ok, 1 skipped (--verbose says why); 1 of these only follow from others
more about this fault: flatnet-cni check --explain SYS-001
`,
    )
  },
)

t.test('--verbose shows every check and what it saw', async (t) => {
  const text = checkText(REPORT, true, PLAIN)
  t.match(text, /^ok {4}SYS-002 {2}two is right\n {15}two$/m)
  t.match(text, /^FAIL {2}NEB-001 {2}three is wrong\n {15}peer: three is broken \(follows from SYS-001\)$/m)
  t.match(text, /there is nothing to check/)
})

t.test('colours appear only if the theme has them', async (t) => {
  t.ok(checkText(REPORT, false, COLOURED).includes('\u001b[31mFAIL'))
  t.notOk(checkText(REPORT, true, PLAIN).includes('\u001b'))
})

t.test('--explain shows why an item matters, the causes and what to do', async (t) => {
  const [, , item] = ITEMS
  const { data, render } = explanation(item as CheckItem)
  t.match(data, {
    id: 'NEB-001',
    group: 'NEB',
    fault: 'three is wrong',
    causes: ['a cause'],
    steps: ['a step'],
    after: ['SYS-001'],
  })
  t.equal(
    render(PLAIN),
    `NEB-001  three is right

When it fails: three is wrong

It matters.

Causes
  - a cause

What to do
  - a step

Check these first: SYS-001

Check now: flatnet-cni check --only NEB-001
`,
  )
})
