import t from 'tap'
import { CniCode } from '../../../src/cni/error.ts'
import { appendResult, type CniResult, renderResult } from '../../../src/cni/result.ts'
import { SUPPORTED_VERSIONS } from '../../../src/cni/supported.ts'
import { parsePrevResult } from '../../../src/config/cni/prev-result.ts'

const OWN: CniResult = {
  interfaces: [
    { name: 'flatnet0', mac: '0a:58:0a:57:01:01' },
    { name: 'veth0', mac: '0a:59:0a:57:01:0a', mtu: 1300 },
    { name: 'eth0', mac: '0a:58:0a:57:01:0a', mtu: 1300, sandbox: '/run/netns/x' },
  ],
  ips: [
    { address: '10.87.1.10/24', gateway: '10.87.1.1', interface: 2 },
    { address: 'fd87:0:0:1::a/64', gateway: 'fd87:0:0:1::1', interface: 2 },
  ],
  routes: [
    { dst: '0.0.0.0/0', gw: '10.87.1.1', priority: 1 },
    { dst: '::/0', gw: 'fd87:0:0:1::1', priority: 1025 },
  ],
  dns: { nameservers: ['10.87.1.1'] },
}

const OLD_INTERFACES = [
  { name: 'flatnet0', mac: '0a:58:0a:57:01:01' },
  { name: 'veth0', mac: '0a:59:0a:57:01:0a' },
  { name: 'eth0', mac: '0a:58:0a:57:01:0a', sandbox: '/run/netns/x' },
]
const OLD_ROUTES = [
  { dst: '0.0.0.0/0', gw: '10.87.1.1' },
  { dst: '::/0', gw: 'fd87:0:0:1::1' },
]
const WITH_VERSION = [
  { version: '4', ...OWN.ips[0] },
  { version: '6', ...OWN.ips[1] },
]
const PAIR = {
  ip4: { ip: '10.87.1.10/24', gateway: '10.87.1.1', routes: [OLD_ROUTES[0]] },
  ip6: { ip: 'fd87:0:0:1::a/64', gateway: 'fd87:0:0:1::1', routes: [OLD_ROUTES[1]] },
  dns: OWN.dns,
}
const LISTS = { interfaces: OLD_INTERFACES, routes: OLD_ROUTES, dns: OWN.dns }

// SPEC 0.1.0 to 1.1.0, "Result": the same attachment in each version.
const golden: Readonly<Record<(typeof SUPPORTED_VERSIONS)[number], object>> = {
  '0.1.0': PAIR,
  '0.2.0': PAIR,
  '0.3.0': { ...LISTS, ips: WITH_VERSION },
  '0.3.1': { ...LISTS, ips: WITH_VERSION },
  '0.4.0': { ...LISTS, ips: WITH_VERSION },
  '1.0.0': { ...LISTS, ips: OWN.ips },
  '1.1.0': { ...OWN },
}

for (const version of SUPPORTED_VERSIONS) {
  const expected = { cniVersion: version, ...golden[version] }
  t.test(`a result is written in version ${version}`, async (t) => {
    const text = renderResult(OWN, version)
    t.equal(text.split('\n').length, 2, 'one line')
    t.same(JSON.parse(text), expected)
  })

  t.test(`a result of version ${version} is passed on unchanged`, async (t) => {
    const previous = parsePrevResult(JSON.parse(renderResult(OWN, version)))
    const nothing: CniResult = { interfaces: [], ips: [], routes: [], dns: {} }
    t.same(JSON.parse(renderResult(nothing, version, previous)), expected)
  })
}

t.test('our links and addresses follow earlier ones and refer to our own links', async (t) => {
  const before: CniResult = {
    interfaces: [{ name: 'lan0', mac: '' }],
    ips: [{ address: '192.0.2.9/24', interface: 0 }, { address: '192.0.2.10/24' }],
    routes: [{ dst: '192.0.2.0/24' }],
    dns: { domain: 'before' },
  }
  const both = appendResult(before, OWN)
  t.same(
    both.interfaces.map(({ name }) => name),
    ['lan0', 'flatnet0', 'veth0', 'eth0'],
  )
  t.same(
    both.ips.map((ip) => ip.interface),
    [0, undefined, 3, 3],
  )
  t.same(both.routes[0], { dst: '192.0.2.0/24' })
  t.same(both.dns, OWN.dns, 'the configuration’s resolver settings take precedence')
  t.same(appendResult(before, { ...OWN, dns: {} }).dns, before.dns, 'earlier ones stay if it has none')
})

t.test('an earlier plugin’s result stays in 1.0.0, with keys that version does not have', async (t) => {
  const previous = parsePrevResult({
    interfaces: [{ name: 'x', mac: '02:00:00:00:00:01', mtu: 9000, pciID: '0000:00:1f.6' }],
    routes: [{ dst: '192.0.2.0/24', priority: 7 }],
  })
  const told = JSON.parse(renderResult(OWN, '1.0.0', previous)) as CniResult
  t.same(told.interfaces[0], {
    name: 'x',
    mac: '02:00:00:00:00:01',
    mtu: 9000,
    pciID: '0000:00:1f.6',
  })
  t.same(told.routes[0], { dst: '192.0.2.0/24', priority: 7 })
  t.same(told.interfaces.slice(1), OLD_INTERFACES, 'our part is in that version')
})

t.test('0.2.0 has the first address of each family, 0.3.0 all of them', async (t) => {
  const two = { ...OWN, ips: [...OWN.ips, { address: '10.87.1.11/24' }] }
  t.match(JSON.parse(renderResult(two, '0.2.0')), { ip4: { ip: '10.87.1.10/24' } })
  t.equal((JSON.parse(renderResult(two, '0.3.0')) as CniResult).ips.length, 3)
})

t.test('0.1.0 and 0.2.0 cannot express a result without an address', async (t) => {
  for (const version of ['0.1.0', '0.2.0'] as const) {
    t.throws(() => renderResult({ ...OWN, ips: [] }, version), { code: CniCode.InvalidConfig })
  }
})

t.test('an IPAM result has no key "interfaces"', async (t) => {
  const told = JSON.parse(renderResult({ ...OWN, interfaces: [] }, '1.0.0')) as object
  t.notOk('interfaces' in told)
})

for (const [name, value, details] of [
  ['a string', 'x', /^prevResult: is "x"$/],
  ['ips that are not a list', { ips: {} }, /prevResult\.ips: needs a list/],
  ['a list with null in it', { routes: [null] }, /prevResult\.routes: needs a list/],
  ['an ip4 without an address', { ip4: {} }, /prevResult\.ip4\.ip: is nothing/],
  ['an ip6 that is a string', { ip6: 'x' }, /prevResult\.ip6: is "x"/],
] as const) {
  t.test(`${name} is not a prevResult`, async (t) =>
    t.throws(() => parsePrevResult(value), { code: CniCode.DecodeFailure, details }),
  )
}
