import t from 'tap'
import {
  followBridge,
  type Passage,
  readIptables,
  readNftTable,
} from '../../../../src/check/reading/forward-rules.ts'

type Case = readonly [name: string, rules: readonly string[], end: Passage['end'], doubt: boolean]

const NFT: readonly Case[] = [
  ['nothing', [], 'policy', false],
  ['a last rule', ['counter packets 0 bytes 0 reject'], 'dropped', false],
  ['a last rule with a comment', ['counter packets 1 bytes 2 log prefix "no way " drop comment "end"'],
    'dropped', false],
  ['both directions',
    ['iifname "flatnet0" accept', 'oifname "flatnet0" counter packets 1 bytes 2 accept comment "flatnet"',
    'drop'], 'accepted', false],
  ['one direction', ['iifname "flatnet0" accept', 'drop'], 'dropped', false],
  ['after the drop', ['drop', 'iifname "flatnet0" accept', 'oifname "flatnet0" accept'], 'dropped', false],
  ["another bridge's", ['iifname "docker0" accept', 'oifname "docker0" accept', 'reject'], 'dropped', false],
  ['every bridge with a prefix', ['iifname "flatnet*" accept', 'oifname "flatnet*" accept', 'reject'],
    'accepted', false],
  ['conditional', ['ip saddr 10.87.0.0/16 accept', 'reject'], 'dropped', true],
  ['a verdict map', ['iifname vmap { "eth0" : accept,', '\t"flatnet0" : accept }', 'reject'], 'dropped',
    true],
  ['only answers', ['ct state { established, related } accept', 'reject with icmpx admin-prohibited'],
    'dropped', false],
  ['new connections too', ['ct state established,new accept', 'drop'], 'dropped', true],
  ['everything', ['accept', 'drop'], 'accepted', false],
  ['a called chain', ['jump USER', 'drop'], 'accepted', false],
  ['a conditionally called chain', ['tcp dport 80 jump USER', 'drop'], 'dropped', true],
  ['a circle', ['jump forward', 'drop'], 'dropped', false],
] // prettier-ignore

for (const [name, rules, end, doubt] of NFT) {
  t.test(`nft: ${name}`, async (t) => {
    const body = rules.map((rule) => `\t\t${rule}\n`).join('')
    const text =
      'table inet mine {\n' +
      `\tchain forward {\n\t\ttype filter hook forward priority filter; policy accept;\n${body}\t}\n\n` +
      '\tchain USER {\n\t\tiifname "flatnet0" accept\n\t\toifname "flatnet0" accept\n\t\treturn\n\t}\n}\n'
    t.same(followBridge(readNftTable(text), 'forward', 'flatnet0'), { end, doubt })
  })
}

const IPTABLES: readonly Case[] = [
  ['nothing', [], 'policy', false],
  ['a last rule', ['-A FORWARD -j REJECT --reject-with icmp-host-prohibited'], 'dropped', false],
  ['both directions',
    ['-A FORWARD -i flatnet0 -j ACCEPT', '-A FORWARD -o flatnet+ -m comment --comment "of mine" -j ACCEPT',
    '-A FORWARD -j DROP'], 'accepted', false],
  ['only answers', ['-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT', '-A FORWARD -j DROP'],
    'dropped', false],
  ['conditional', ['-A FORWARD -s 10.87.0.0/16 -j ACCEPT', '-A FORWARD -j DROP'], 'dropped', true],
  ['between two links', ['-A FORWARD -i flatnet0 -o eth0 -j ACCEPT', '-A FORWARD -j DROP'], 'dropped', true],
  ['a comment first', ['-A FORWARD -j LOG --log-prefix "x "', '-A FORWARD -j DROP'], 'dropped', false],
  ["Docker's chain for administrators",
    ['-A FORWARD -j DOCKER-USER', '-A DOCKER-USER -i flatnet0 -j ACCEPT',
    '-A DOCKER-USER -o flatnet0 -j ACCEPT', '-A DOCKER-USER -j RETURN'], 'accepted', false],
  ['the same, but nothing jumps to it',
    ['-A DOCKER-USER -i flatnet0 -j ACCEPT', '-A DOCKER-USER -o flatnet0 -j ACCEPT'], 'policy', false],
] // prettier-ignore

for (const [name, lines, end, doubt] of IPTABLES) {
  t.test(`iptables: ${name}`, async (t) => {
    const { rules, policy } = readIptables(['-P INPUT ACCEPT', '-P FORWARD DROP', ...lines, ''].join('\n'))
    t.equal(policy, 'DROP')
    t.same(followBridge(rules, 'FORWARD', 'flatnet0'), { end, doubt })
  })
}
