import t from 'tap'
import { CniCode } from '../../../../src/cni/error.ts'
import { parseNetConf, parseStdin, pluginTypeOf } from '../../../../src/config/cni/netconf.ts'

const BASE = { cniVersion: '1.0.0', name: 'flatnet', type: 'flatnet-cni' }
const parse = (change: Record<string, unknown>, strict = true) => parseNetConf({ ...BASE, ...change }, strict)

t.test('the keys of the protocol and of runtimes are accepted', async (t) => {
  const conf = parse({
    capabilities: { ips: true },
    RuntimeConfig: { IPs: ['10.87.1.9'] },
    args: { cni: { labels: [{ key: 'a', value: 'b' }] } },
    dns: { nameservers: ['10.87.1.1'], domain: '', search: null },
    ipam: { ranges: [[{ subnet: '10.87.1.0/24' }]] },
    'cni.dev/valid-attachments': null,
    bridge: 'br7',
  })
  t.same(conf.own, { bridge: 'br7' })
  t.same(conf.dns, { nameservers: ['10.87.1.1'] })
  t.same(conf.runtimeConfig, { IPs: ['10.87.1.9'] })
})

const wrong: [string, Record<string, unknown>, number, RegExp][] = [
  ['a missing name', { name: undefined }, CniCode.InvalidConfig, /^name: needs letters/],
  ['a name with a slash', { name: '../x' }, CniCode.InvalidConfig, /^name: .* got "\.\.\/x"$/],
  ['a name that is null', { name: null }, CniCode.InvalidConfig, /^name: needs letters/],
  ['a name that begins with a dot', { name: '.x' }, CniCode.InvalidConfig, /^name: /],
  ['a version with a number missing', { cniVersion: '1.0' }, CniCode.DecodeFailure, /cniVersion: "1.0"/],
  ['a version that is a number', { cniVersion: 1 }, CniCode.DecodeFailure, /cniVersion: 1/],
  ['the IPAM type in place of a plugin', { type: 'flatnet-ipam' }, CniCode.InvalidConfig, /^type: /],
  [
    'a future version',
    { cniVersion: '9.9.9' },
    CniCode.IncompatibleVersion,
    /config is "9.9.9", plugin supports/,
  ],
  ['a version close to a known one', { cniVersion: '1.0.00' }, CniCode.IncompatibleVersion, /1\.0\.00/],
  ['an invalid version', { cniVersion: 'one' }, CniCode.DecodeFailure, /cniVersion: "one"/],
  ['an unknown key', { birdge: 'x' }, CniCode.UnsupportedField, /^birdge: "x" \(known here: .*bridge/],
  ['a known key in the wrong case', { Bridge: 'x' }, CniCode.UnsupportedField, /did you mean bridge\?/],
  [
    'another IPAM plugin',
    { ipam: { type: 'host-local' } },
    CniCode.InvalidConfig,
    /ipam.type: "host-local" cannot be used/,
  ],
  ['a prevResult that is a list', { prevResult: [] }, CniCode.DecodeFailure, /prevResult/],
  [
    'a prevResult with damaged addresses',
    { prevResult: { ips: {} } },
    CniCode.DecodeFailure,
    /prevResult.ips/,
  ],
]
for (const [name, change, code, details] of wrong) {
  t.test(`${name} is refused`, async (t) => t.throws(() => parse(change), { code, details }))
}

for (const [name, text] of [
  ['nothing', ''],
  ['half an object', '{"name":'],
  ['a list', '[]'],
  ['null', 'null'],
  ['a BOM', '\ufeff{}'],
]) {
  t.test(`${name ?? ''} is not a configuration`, async (t) => {
    t.throws(() => parseStdin(text ?? ''), {
      code: CniCode.DecodeFailure,
      details: /^network configuration: /,
    })
  })
}

t.test('DEL and GC read a configuration with unknown keys and damaged content', async (t) => {
  const damaged = { birdge: 'x', ipam: { type: 'host-local' }, prevResult: [], dns: 7, runtimeConfig: 'x' }
  t.equal(parse(damaged, false).name, 'flatnet')
})

t.test('a missing version means 0.1.0', async (t) => {
  for (const cniVersion of [undefined, null, '']) t.equal(parse({ cniVersion }).cniVersion, '0.1.0')
})

t.test('every supported version is kept', async (t) => {
  for (const cniVersion of ['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'])
    t.equal(parse({ cniVersion }).cniVersion, cniVersion)
})

t.test('keys of the protocol are read in any letter case, as Go reads and writes them', async (t) => {
  const conf = parseNetConf(
    {
      CNIVersion: '0.4.0',
      Name: 'flatnet',
      TYPE: 'flatnet-cni',
      DNS: { Nameservers: ['10.87.1.1'], Search: ['lan'] },
      RuntimeConfig: { IPs: null },
      PrevResult: { IPs: [{ address: '10.87.1.10/24' }], DNS: { Domain: 'lan' } },
      IPAM: {},
    },
    true,
  )
  t.match(conf, { cniVersion: '0.4.0', name: 'flatnet' })
  t.same(conf.dns, { nameservers: ['10.87.1.1'], search: ['lan'] })
  t.same(conf.prevResult?.ips, [{ address: '10.87.1.10/24' }])
  t.same(conf.prevResult?.dns, { domain: 'lan' })
})

t.test('lists that Go wrote as null are empty', async (t) => {
  const nothing = { interfaces: null, ips: null, routes: null, dns: null }
  const conf = parse({ dns: { nameservers: null, search: null }, runtimeConfig: null, prevResult: nothing })
  t.same(conf.dns, {})
  t.same(conf.prevResult, { interfaces: [], ips: [], routes: [], dns: {} })
})

t.test('the capability dns takes precedence over the configuration, unless it is empty', async (t) => {
  const dns = { nameservers: ['192.0.2.1'] }
  const said = { Servers: ['192.0.2.2'], Searches: ['lan'], Options: ['ndots:2'] }
  t.same(parse({ dns, runtimeConfig: { dns: said } }).dns, {
    nameservers: ['192.0.2.2'],
    search: ['lan'],
    options: ['ndots:2'],
  })
  t.same(parse({ dns, runtimeConfig: { dns: { Servers: null, Searches: [], Options: null } } }).dns, dns)
})

t.test('args of any shape are accepted', async (t) => {
  for (const args of [null, 'x', [], {}, { cni: null }, { cni: 7 }, { podman_labels: {} }])
    t.same(parse({ args }).argsCni, {})
})

t.test('type and ipam.type decide which of our plugins is called', async (t) => {
  const cases = [
    ['flatnet-cni', { type: 'flatnet-cni' }],
    ['flatnet-cni', { type: 'flatnet-cni', ipam: { type: 'flatnet-ipam' } }],
    ['flatnet-cni', { type: 'renamed' }],
    ['flatnet-cni', { type: 'flatnet-ipam', ipam: { type: 'flatnet-ipam' } }],
    ['flatnet-ipam', { type: 'bridge', ipam: { type: 'flatnet-ipam' } }],
    ['flatnet-ipam', { Type: 'ptp', IPAM: { Type: 'flatnet-ipam' } }],
    ['flatnet-cni', { type: 'bridge', ipam: null }],
  ] as const
  for (const [type, conf] of cases) t.equal(pluginTypeOf(conf), type, JSON.stringify(conf))
})

t.test('the family that older results name is dropped from prevResult', async (t) => {
  const conf = parse({
    prevResult: { ips: [{ version: '4', address: '10.87.1.10/24', interface: 2 }], routes: null },
  })
  t.same(conf.prevResult?.ips, [{ address: '10.87.1.10/24', interface: 2 }])
})
