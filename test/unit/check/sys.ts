// Items of SYS whose faults cannot be created inside a network namespace.

import t from 'tap'
import type { Facts } from '../../../src/check/facts.ts'
import type { FirewallFacts, ForwardChain } from '../../../src/check/facts/firewall.ts'
import type { CheckItem } from '../../../src/check/item.ts'
import { SYS_ITEMS } from '../../../src/check/items/sys.ts'
import { judgeItem } from '../../../src/check/judge.ts'

const settings = { bridge: 'flatnet0' } as Facts['settings']
const link = (name: string, master?: string) =>
  ({
    name,
    isUp: true,
    hasCarrier: true,
    mtuBytes: 1300,
    addresses: [],
    master,
  }) as const

// Returns what an item says about these facts, in one line.
function said(id: string, facts: Partial<Facts>): string {
  const item = SYS_ITEMS.find((each) => each.id === id) as CheckItem
  const gathered = Object.fromEntries(Object.entries(facts).map(([key, value]) => [key, { value }]))
  const { findings } = judgeItem(item, gathered)
  return findings.map(({ verdict, seen, next = [] }) => [verdict, seen, ...next].join(' | ')).join('\n')
}

const chain = (change: Partial<ForwardChain> = {}): ForwardChain => ({
  name: 'ip filter FORWARD',
  owner: 'iptables',
  family: 4,
  isPolicy: true,
  place: 'FORWARD',
  accepts: false,
  isDoubtful: false,
  ...change,
})
const firewall = (chains: readonly ForwardChain[], unseen: FirewallFacts['unseen'] = []): FirewallFacts => ({
  families: [4],
  chains,
  unseen,
})

t.test('SYS-011: br_netfilter and chains that drop', async (t) => {
  const sysctls = new Map([['bridge/bridge-nf-call-iptables', '1']])
  const links = [link('flatnet0')]
  const on = { sysctls, settings, links }
  t.match(said('SYS-011', { ...on, firewall: firewall([], [4]) }), /^warn \| .*legacy iptables.*SYS-010/)
  t.match(said('SYS-011', { ...on, firewall: firewall([]) }), /^ok/)
  t.match(said('SYS-011', { ...on, firewall: firewall([chain()]), links: [] }), /^ok/, 'no container yet')
  t.match(said('SYS-011', { ...on, firewall: firewall([chain()]), sysctls: new Map() }), /^ok .*not loaded/)
  t.match(
    said('SYS-011', { ...on, firewall: firewall([chain()]) }),
    /^fail .*FORWARD drops \| flatnet-cni sync/,
  )
  t.match(said('SYS-011', { ...on, firewall: firewall([chain({ accepts: true })]) }), /^ok/)
  const doubtful = chain({ name: 'inet mine way', owner: 'other', family: undefined, isDoubtful: true })
  t.match(said('SYS-011', { ...on, firewall: firewall([doubtful]) }), /^warn .*inet mine way drops/)
  const six = { ...firewall([chain({ name: 'ip6 filter FORWARD', family: 6 })]), families: [4, 6] as const }
  const both = new Map([...sysctls, ['bridge/bridge-nf-call-ip6tables', '1']])
  t.match(
    said('SYS-011', { ...on, sysctls: both, firewall: six }),
    /^ok .*\nfail \| net\.bridge\.bridge-nf-call-ip6tables = 1/,
  )
})

t.test('SYS-010: rules of iptables-legacy that no program here can list', async (t) => {
  const facts = { firewall: firewall([], [4]), settings }
  t.match(said('SYS-010', { ...facts, links: [link('flatnet0')] }), /^warn .*\| apt-get install iptables/)
  t.match(said('SYS-010', { ...facts, links: [] }), /^ok/)
})

t.test('SYS-013: a broadcast to more containers than the backlog can hold', async (t) => {
  const links = [
    link('flatnet0'),
    ...Array.from({ length: 900 }, (_, index) => link(`veth${String(index)}`, 'flatnet0')),
  ]
  const sysctls = new Map([['core/netdev_max_backlog', '1000']])
  t.match(
    said('SYS-013', { sysctls, links, settings }),
    /^warn \| 900 ports on flatnet0, .* = 1000 \| sysctl -w/,
  )
  t.match(
    said('SYS-013', { sysctls: new Map([['core/netdev_max_backlog', '4096']]), links, settings }),
    /^ok/,
  )
})

t.test('a kernel without parts: which module helps, and what to do without modules', async (t) => {
  const kernel = {
    release: '6.6.87.2-microsoft-standard-WSL2',
    hasModules: true,
    links: [{ feature: 'bridge', works: false, said: 'RTNETLINK answers: Operation not supported' }],
    rules: [{ feature: 'nft masquerade', works: false, said: 'No such file or directory' }],
  }
  t.match(said('SYS-005', { kernel }), /^fail .*not supported \| modprobe -a bridge \| .*modules-load/)
  t.match(said('SYS-007', { kernel }), /^fail .*refuses nft masquerade.* \| modprobe -a nft_masq/)
  t.match(said('SYS-005', { kernel: { ...kernel, hasModules: false } }), /kernelModules= beside kernel=/)
  const plain = { ...kernel, hasModules: false, release: '6.1.0-9-amd64' }
  t.notMatch(said('SYS-005', { kernel: plain }), /WSL/)
})

t.test('SYS-008: IPv6 forwarding needs only "all", but the bridge must be a router', async (t) => {
  const subnet = { family: 6, value: 0n, length: 64 }
  const sysctls = (bridge: string) =>
    new Map([
      ['ipv6/conf/all/forwarding', '1'],
      ['ipv6/conf/flatnet0/forwarding', bridge],
      ['ipv6/conf/eth0/forwarding', '0'],
    ])
  const network = { gateways: [{ dev: 'eth0' }], peerGateways: new Map() } as unknown as Facts['network']
  const identity = { subnets: [subnet] } as unknown as Facts['identity']
  const facts = { settings, network, identity, links: [link('flatnet0')] }
  t.match(
    said('SYS-008', { ...facts, sysctls: sysctls('1') }),
    /^ok \| net\.ipv6\.conf\.all\.forwarding = 1$/,
  )
  t.match(
    said('SYS-008', { ...facts, sysctls: sysctls('0') }),
    /^warn \| net\.ipv6\.conf\.flatnet0\.forwarding = 0: .* \| sysctl -w \S+\.flatnet0\.forwarding=1$/,
  )
})

t.test('SYS-009: a VLAN name contains a dot, which does not separate keys', async (t) => {
  const network = { gateways: [{ dev: 'eth0.100' }], peerGateways: new Map() } as unknown as Facts['network']
  const facts = {
    sysctls: new Map([['ipv4/conf/eth0.100/rp_filter', '1']]),
    settings,
    network,
    links: [link('flatnet0')],
  }
  t.match(said('SYS-009', facts), /^fail .*sysctl -w net\/ipv4\/conf\/eth0\.100\/rp_filter=2$/m)
})
