import t from 'tap'
import { CniCode } from '../../../src/cni/error.ts'
import { parseNetConf } from '../../../src/config/netconf.ts'

const BASE = { cniVersion: '1.0.0', name: 'flatnet', type: 'flatnet-cni' }
const parse = (change: Record<string, unknown>, strict = true) =>
  parseNetConf(JSON.stringify({ ...BASE, ...change }), strict)

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
  ['a missing version', { cniVersion: undefined }, CniCode.IncompatibleVersion, /config is "0.1.0"/],
  [
    'a version of the future',
    { cniVersion: '9.9.9' },
    CniCode.IncompatibleVersion,
    /config is "9.9.9", plugin supports/,
  ],
  ['a version close to a known one', { cniVersion: '1.0.00' }, CniCode.IncompatibleVersion, /1\.0\.00/],
  ['a version that is none', { cniVersion: 'one' }, CniCode.DecodeFailure, /cniVersion: "one"/],
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
    t.throws(() => parseNetConf(text ?? '', true), {
      code: CniCode.DecodeFailure,
      details: /^network configuration: /,
    })
  })
}

t.test('DEL reads a configuration with unknown keys', async (t) => {
  t.equal(parse({ birdge: 'x', ipam: { type: 'host-local' } }, false).name, 'flatnet')
})

t.test('the family that older results name is dropped from prevResult', async (t) => {
  const conf = parse({
    prevResult: { ips: [{ version: '4', address: '10.87.1.10/24', interface: 2 }], routes: null },
  })
  t.same(conf.prevResult?.ips, [{ address: '10.87.1.10/24', interface: 2 }])
})
