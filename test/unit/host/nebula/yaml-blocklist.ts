import t from 'tap'
import { parse } from 'yaml'
import { withBlocklist } from '../../../../src/host/nebula/yaml-blocklist.ts'

const LIST = 'blocklist: ["aa", "bb"]'

t.test('the list is added or replaced, and every other byte stays', async (t) => {
  const cases: readonly (readonly [says: string, before: string, after: string])[] = [
    [
      'no list',
      'pki:\n  ca: /a\n  key: b # x\ntun: {}\n',
      `pki:\n  ${LIST}\n  ca: /a\n  key: b # x\ntun: {}\n`,
    ],
    ['braces', 'pki: {ca: ./a}\n', `pki: {${LIST}, ca: ./a}\n`],
    ['empty', 'pki:\n  # why\n  blocklist: []\n  ca: /a\n', `pki:\n  # why\n  ${LIST}\n  ca: /a\n`],
    [
      'lines',
      'pki:\n  blocklist:\n    - "aa" # c\n\n  # about\n  ca: /a\n',
      `pki:\n  ${LIST}\n\n  # about\n  ca: /a\n`,
    ],
    ['lines at the end', 'pki:\n  ca: /a\n  blocklist:\n  - aa', `pki:\n  ca: /a\n  ${LIST}`],
    ['nothing', 'pki:\n  blocklist:\n  ca: /a\n', `pki:\n  ${LIST}\n  ca: /a\n`],
    ['a null', 'pki:\n  blocklist: ~ # none\n  ca: /a\n', `pki:\n  ${LIST} # none\n  ca: /a\n`],
    ['JSON', '{"pki": {"blocklist": ["aa"]}}', `{"pki": {${LIST}}}`],
    [
      'deep',
      'pki:\n\n      # 1\n      ca: |\n        x\n',
      `pki:\n\n      # 1\n      ${LIST}\n      ca: |\n        x\n`,
    ],
  ]
  for (const [says, before, after] of cases) {
    t.equal(withBlocklist(before, ['aa', 'bb']), after, says)
    t.same((parse(after) as { pki: { blocklist: unknown } }).pki.blocklist, ['aa', 'bb'], says)
  }
})

t.test('what cannot be extended is left to people', async (t) => {
  for (const text of [
    '',
    'tun: {}\n',
    'pki:\n',
    'pki: [a]\n',
    'x: &p\n  ca: a\npki: *p\n',
    'pki: {\n',
    '- a\n',
  ])
    t.equal(withBlocklist(text, ['aa']), undefined, text)
})
