import t from 'tap'
import type { CheckItem } from '../../../src/check/item.ts'
import { judgeItem } from '../../../src/check/judge.ts'
import { makeReport } from '../../../src/check/report.ts'
import { checkText } from '../../../src/cli/check-text.ts'
import { explanation } from '../../../src/cli/explain.ts'
import { COLOURED, PLAIN } from '../../../src/cli/theme.ts'

const TEXTS = { why: 'It matters.', causes: ['a cause'], steps: ['a step'], needs: [] } as const
const ITEMS: readonly CheckItem[] = [
  {
    ...TEXTS,
    id: 'SYS-001',
    title: 'one is right',
    judge: () => ({ verdict: 'fail', seen: 'one is broken', next: ['mend one'] }),
  },
  { ...TEXTS, id: 'SYS-002', title: 'two is right', judge: () => ({ verdict: 'ok', seen: 'two' }) },
  {
    ...TEXTS,
    id: 'NEB-001',
    title: 'three is right',
    after: ['SYS-001'],
    judge: () => ({ verdict: 'fail', subject: 'peer', seen: 'three is broken' }),
  },
  { ...TEXTS, id: 'GW-001', title: 'four is right', judge: () => [] },
]
const REPORT = makeReport(
  ITEMS.map((item) => judgeItem(item, {})),
  { at: '2026-01-01T00:00:00Z', durationMs: 120, host: 'host-a', flatnet: '1', strict: false },
)

t.test(
  'what is wrong stands first with what to type, what follows from it below it, then the groups',
  async (t) => {
    t.equal(
      checkText(REPORT, false, PLAIN),
      `flatnet-cni check on host-a  2026-01-01T00:00:00Z, 4 checks in 0.1 s

FAIL  SYS-001  not so: one is right
      one is broken
      -> mend one
      It matters.
      so too: NEB-001 three is right (peer)

SYS   1 FAIL, 1 ok
NEB   1 FAIL
GW    1 skip

2 failed, 1 ok, 1 skipped (--verbose says why); 1 of these only follow from others
more about one: flatnet-cni check --explain SYS-001
`,
    )
  },
)

t.test('--verbose has every check with what was seen', async (t) => {
  const text = checkText(REPORT, true, PLAIN)
  t.match(text, /^ok {4}SYS-002 {2}two is right\n {15}two$/m)
  t.match(text, /^FAIL {2}NEB-001 {2}three is right\n {15}peer: three is broken \(follows from SYS-001\)$/m)
  t.match(text, /there is nothing to look at/)
})

t.test('colours only where the theme has them', async (t) => {
  t.ok(checkText(REPORT, false, COLOURED).includes('\u001b[31mFAIL'))
  t.notOk(checkText(REPORT, true, PLAIN).includes('\u001b'))
})

t.test('--explain says why, how it comes about and what to do', async (t) => {
  const [, , item] = ITEMS
  const { data, render } = explanation(item as CheckItem)
  t.match(data, { id: 'NEB-001', group: 'NEB', causes: ['a cause'], steps: ['a step'], after: ['SYS-001'] })
  t.equal(
    render(PLAIN),
    `NEB-001  three is right

It matters.

How it comes about
  - a cause

What to do
  - a step

Look at these first: SYS-001

Look now: flatnet-cni check --only NEB-001
`,
  )
})
