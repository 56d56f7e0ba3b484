import t from 'tap'
import { withRules } from '../../../../src/host/nebula/yaml-rules.ts'

const RULES = [{ value: { port: 'any', proto: 'any', host: 'any', local_cidr: '10.87.0.0/16' }, why: 'Why.' }]
const RULE = '{ port: any, proto: any, host: any, local_cidr: "10.87.0.0/16" }'

t.test('rules come first, and every other byte stays', async (t) => {
  const cases: readonly (readonly [says: string, before: string, after: string])[] = [
    [
      'lines, with a remark above the first',
      'a: 1 # x\nfirewall:\n  inbound:\n    # own\n    - {port: 1}\n\n  # z\n  outbound: []\n',
      `a: 1 # x\nfirewall:\n  inbound:\n    # Why.\n    - ${RULE}\n    # own\n    - {port: 1}\n` +
        '\n  # z\n  outbound: []\n',
    ],
    [
      'lines without an indent of their own',
      'firewall:\n  inbound: # in\n  - port: 1\n    proto: tcp\n    host: any\n',
      `firewall:\n  inbound: # in\n  # Why.\n  - ${RULE}\n  - port: 1\n    proto: tcp\n    host: any\n`,
    ],
    ['no rule', 'firewall:\n  inbound: [] # none\n', `firewall:\n  inbound: [${RULE}] # none\n`],
    ['JSON', '{"firewall": {"inbound": [{"port": 1}]}}', `{"firewall": {"inbound": [${RULE}, {"port": 1}]}}`],
  ]
  for (const [says, before, after] of cases) t.equal(withRules(before, RULES), after, says)
})

t.test('what cannot be extended is left to people', async (t) => {
  for (const text of [
    '',
    'tun: {}\n',
    'firewall: {}\n',
    'firewall:\n  inbound:\n',
    'firewall:\n  inbound: &all\n    - {port: 1}\n  outbound: *all\n',
    'a: &rules [{port: 1}]\nfirewall:\n  inbound: *rules\n',
    'firewall: [\n',
  ])
    t.equal(withRules(text, RULES), undefined, text)
})
