import t from 'tap'
import { formatIp } from '../../../src/addr/ip.ts'
import { formatPrefix } from '../../../src/addr/prefix.ts'
import { CniCode } from '../../../src/cni/error.ts'
import { parseSettings } from '../../../src/config/settings.ts'

const FILE = '/etc/flatnet/flatnet.json'
const parse = (file: Record<string, unknown>, own: Record<string, unknown> = {}) =>
  parseSettings([
    { object: file, source: FILE },
    { object: own, source: 'network configuration' },
  ])

t.test('every key has a default', async (t) => {
  const settings = parse({})
  t.match(settings, {
    nebula: { ca: '/etc/nebula/ca.crt', cert: '/etc/nebula/host.crt', device: 'auto' },
    bridge: 'flatnet0',
    mtu: 'auto',
    ipMasq: true,
    gateway: { via: 'auto', dev: 'auto' },
    metrics: { p2p: 100, gateway: 500 },
    peers: '/etc/flatnet/peers.d',
    stateDir: '/var/lib/cni/flatnet',
    runDir: '/run/flatnet',
  })
  t.same(settings.pools.map(formatPrefix), ['10.87.0.0/16'])
})

t.test('the network configuration overrides the file, inner keys one by one', async (t) => {
  const settings = parse(
    { nebula: { ca: '/a', device: 'nebula7' }, metrics: { gateway: 900 }, bridge: 'br1' },
    { nebula: { ca: '/b' }, metrics: { p2p: 50 }, bridge: 'br2' },
  )
  t.match(settings, {
    nebula: { ca: '/b', cert: '/etc/nebula/host.crt', device: 'nebula7' },
    metrics: { p2p: 50, gateway: 900 },
    bridge: 'br2',
  })
})

t.test('each family can have a pool', async (t) => {
  t.same(parse({ pool: ['10.87.0.0/16', 'fd87::/48'] }).pools.map(formatPrefix), [
    '10.87.0.0/16',
    'fd87::/48',
  ])
})

t.test('a gateway hop for one peer is found under the canonical overlay address', async (t) => {
  const hops = parse({ peerGateways: { 'fd86:0::2:1': 'fd00::12' } }).peerGateways
  t.same(
    [...hops].map(([peer, hop]) => [peer, formatIp(hop)]),
    [['fd86::2:1', 'fd00::12']],
  )
})

const wrong: [string, Record<string, unknown>, RegExp][] = [
  [
    'a word for names.give',
    { names: { give: 'always' } },
    /names\.give: needs true, false or "auto", got "always"/,
  ],
  [
    'a pool with host bits',
    { pool: '10.87.1.0/16' },
    /flatnet.json: pool: host bits set in 10.87.1.0\/16, the network is 10.87.0.0\/16/,
  ],
  ['a pool that is not a network', { pool: '10.87.0.0' }, /pool: needs networks like/],
  ['two pools of one family', { pool: ['10.87.0.0/16', '10.88.0.0/16'] }, /one network per family/],
  ['no pool', { pool: [] }, /at least one network/],
  ['an MTU as a string', { mtu: '1300' }, /mtu: needs a whole number from 576 to 65535, got "1300"/],
  ['an MTU that is too small', { mtu: 100 }, /mtu: needs a whole number/],
  [
    'a bridge name that is too long',
    { bridge: 'flatnet0123456789' },
    /bridge: "flatnet0123456789" is longer than 15 bytes/,
  ],
  ['a bridge name with a semicolon', { bridge: 'a;b' }, /bridge: "a;b" has a character outside/],
  ['a bridge without a name', { bridge: 'auto' }, /bridge: must be the name/],
  ['ipMasq as a string', { ipMasq: 'yes' }, /ipMasq: needs true or false, got "yes"/],
  ['a relative path', { stateDir: 'state' }, /stateDir: needs an absolute path, got "state"/],
  [
    'an inner path of the wrong type',
    { nebula: { cert: 7 } },
    /nebula.cert: needs a non-empty string, got 7/,
  ],
  ['a list in place of an object', { nebula: [] }, /nebula: needs an object, got \[\]/],
  [
    'a gateway that is not an address',
    { gateway: { via: 'router' } },
    /gateway.via: needs "auto", "none" or an address/,
  ],
  [
    'metrics in the wrong order',
    { metrics: { p2p: 500, gateway: 500 } },
    /metrics.gateway: must be higher than metrics.p2p/,
  ],
  ['a peer gateway keyed by a name', { peerGateways: { b: '10.0.0.1' } }, /peerGateways.b: the key must be/],
  [
    'a peer gateway that is not an address',
    { peerGateways: { '10.86.2.1': 'x' } },
    /peerGateways.10.86.2.1: needs an address/,
  ],
]
for (const [name, object, details] of wrong) {
  t.test(`${name} is refused with its path`, async (t) => {
    t.throws(() => parse(object), { code: CniCode.InvalidConfig, details })
  })
}

t.test('an unknown inner key is refused by name and value', async (t) => {
  t.throws(() => parse({}, { nebula: { Device: 'x' } }), {
    code: CniCode.UnsupportedField,
    details: 'network configuration: nebula.Device: "x" (did you mean device?)',
  })
})
