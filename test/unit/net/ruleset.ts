import t from 'tap'
import { acceptRules, droppingChains, listTables, ownTable, renderRuleset } from '../../../src/net/ruleset.ts'
import { prefix } from '../../fixtures/addresses.ts'

const INPUTS = {
  bridge: 'flatnet0',
  subnets: [prefix('10.87.1.0/24')],
  unmasked: [prefix('10.87.0.0/16'), prefix('10.86.0.0/16'), prefix('fd87::/48')],
  ipMasq: true,
  isolation: false,
  local: [],
}

t.test('only traffic that leaves pool and overlay network is masqueraded', async (t) => {
  t.match(
    renderRuleset(INPUTS),
    'ip saddr 10.87.1.0/24 ip daddr != { 10.87.0.0/16, 10.86.0.0/16, 224.0.0.0/4, 255.255.255.255 } ' +
      'oifname != "flatnet0" masquerade',
  )
})

t.test('without ipMasq there is no masquerade rule, and an older one is flushed', async (t) => {
  const text = renderRuleset({ ...INPUTS, ipMasq: false })
  t.notMatch(text, /oifname != "flatnet0" masquerade/)
  t.match(text, 'flush chain ip flatnet nat-flatnet0')
})

t.test('a dual-stack host gets a table per family, each with its own networks', async (t) => {
  const text = renderRuleset({ ...INPUTS, subnets: [prefix('10.87.1.0/24'), prefix('fd87:0:0:1::/64')] })
  t.match(text, 'ip6 saddr fd87:0:0:1::/64 ip6 daddr != { fd87::/48, ff00::/8, fe80::/10 }')
})

// The list of nft 1.0.6 after Docker, or after `iptables -P FORWARD DROP`.
const listing = (chains: string) =>
  'table ip flatnet {\n\tchain nat-flatnet0 {\n' +
  '\t\ttype nat hook postrouting priority srcnat; policy accept;\n\t}\n}\n' +
  `table ip filter {\n${chains}}\n`
const FORWARD = (policy: string) =>
  `\tchain FORWARD {\n\t\ttype filter hook forward priority filter; policy ${policy};\n\t}\n`
const DOCKER_USER = '\tchain DOCKER-USER {\n\t}\n'

t.test('a FORWARD chain that drops is found', async (t) => {
  t.same(droppingChains(listing(FORWARD('drop'))), [{ family: 4, hasUserChain: false }])
  t.same(droppingChains(listing(FORWARD('drop') + DOCKER_USER)), [{ family: 4, hasUserChain: true }])
})

t.test("Docker's chain for administrators is preferred, as long as something jumps to it", async (t) => {
  const docker = { family: 4, hasUserChain: true } as const
  const shown = (first: string, rule: string) =>
    `table ip filter {\n\tchain FORWARD {\n\t\t${first}\n\t}\n}\n` +
    `table ip filter {\n\tchain DOCKER-USER {\n${rule}\t}\n}\n`
  const jump = 'counter packets 0 bytes 0 jump DOCKER-USER'
  t.match(acceptRules(docker, shown(jump, ''), 'flatnet0'), /^insert rule ip filter DOCKER-USER iifname/)
  t.match(acceptRules(docker, shown('', ''), 'flatnet0'), /^insert rule ip filter FORWARD iifname/)
  const ours = ['iifname', 'oifname']
    .map((key) => `\t\t${key} "flatnet0" counter packets 3 bytes 9 accept comment "flatnet"\n`)
    .join('')
  t.equal(acceptRules(docker, shown(jump, ours), 'flatnet0'), '')
  t.match(acceptRules(docker, shown('', ours), 'flatnet0'), /FORWARD iifname.*\n.*FORWARD oifname/)
})

t.test('a FORWARD chain that accepts is left alone', async (t) => {
  t.same(droppingChains(listing(FORWARD('accept') + DOCKER_USER)), [])
  t.same(droppingChains('table ip flatnet {\n}\n'), [])
})

t.test('accept rules are added once', async (t) => {
  const chain = { family: 4, hasUserChain: false } as const
  const present = 'iifname "flatnet0" counter packets 3 bytes 9 accept comment "flatnet"'
  t.equal(acceptRules(chain, '', 'flatnet0').split('\n').length, 3)
  t.equal(
    acceptRules(chain, `\tchain FORWARD {\n\t\t${present}\n\t}\n`, 'flatnet0'),
    'insert rule ip filter FORWARD oifname "flatnet0" counter accept comment "flatnet"\n',
  )
  t.equal(acceptRules(chain, `\tchain FORWARD {\n\t\t${present}\n\t}\n`, 'flatnet1').split('\n').length, 3)
})

t.test('our table is found among those of other programs', async (t) => {
  const own = 'table ip flatnet {\n\tchain ports {\n\t\tcounter\n\t}\n}\n'
  const other = 'table ip other {\n\tchain x {\n\t}\n}\n'
  const warning = '# Warning: table ip filter is managed by iptables-nft, do not touch!\n'
  for (const listing of [own, own + other, warning + other + own, `${other}${own}${other}`])
    t.equal(ownTable(listing, 4), own)
  t.equal(ownTable(other, 4), undefined)
  t.equal(ownTable('', 4), undefined)
  t.equal(ownTable(own, 6), undefined)
  t.equal(listTables(6), 'list ruleset ip6\n')
})

t.test('an earlier subnet that is still in use is masqueraded too', async (t) => {
  const earlier = [prefix('10.87.9.0/24'), prefix('fd87:0:0:9::/64')]
  const text = renderRuleset({ ...INPUTS, earlier })
  t.match(text, 'ip saddr { 10.87.1.0/24, 10.87.9.0/24 } ip daddr != { ')
  t.notMatch(text, 'fd87:0:0:9::', 'a family that the host no longer has gets no rules')
})

t.test('isolation blocks everything between two bridges except published ports', async (t) => {
  const text = renderRuleset({ ...INPUTS, isolation: true })
  const way = 'iifname "flatnet0" oifname @bridges oifname != "flatnet0" ct status & dnat == 0 drop'
  t.match(text, `add rule ip flatnet forward-flatnet0 ${way}`)
  t.notMatch(renderRuleset(INPUTS), 'oifname @bridges')
})
