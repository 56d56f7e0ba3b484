import t from 'tap'
import { CniError } from '../../../src/cni/error.ts'
import { parseSettings, SETTINGS_KEYS } from '../../../src/config/settings.ts'
import { parseNetworkOptions } from '../../../src/netavark/options.ts'

function refusal(name: string, value: unknown = 'x'): string {
  try {
    parseNetworkOptions({ [name]: value })
    return 'accepted'
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    return `${error.message}: ${error.details}`
  }
}

t.test('dotted names become settings that are checked like a conflist', async (t) => {
  const own = parseNetworkOptions({
    mtu: '1300',
    pool: '10.87.0.0/16, fd87::/48',
    ipMasq: 'false',
    isolation: 'true',
    takeOverPorts: 'true',
    'gateway.via': '192.168.1.1',
    'gateway.dev': 'eth0',
    'metrics.p2p': '90',
    'nebula.cert': '/etc/nebula/other.crt',
    'peerGateways.10.86.2.1': '192.168.1.12',
    'sysctl.net.ipv4.conf.IFNAME.arp_notify': '1',
    'bandwidth.egressRate': '1000000',
  })
  t.same(own, {
    mtu: 1300,
    pool: ['10.87.0.0/16', 'fd87::/48'],
    ipMasq: false,
    isolation: true,
    takeOverPorts: true,
    gateway: { via: '192.168.1.1', dev: 'eth0' },
    metrics: { p2p: 90 },
    nebula: { cert: '/etc/nebula/other.crt' },
    peerGateways: { '10.86.2.1': '192.168.1.12' },
    sysctl: { 'net.ipv4.conf.IFNAME.arp_notify': '1' },
    bandwidth: { egressRate: 1_000_000 },
  })
  const settings = parseSettings([{ object: own, source: 'network' }])
  t.equal(settings.mtu, 1300)
  t.match(settings.sysctls, [{ name: 'ipv4/conf/IFNAME/arp_notify', value: '1' }])
  t.same(parseNetworkOptions(null), {})
  t.equal(parseSettings([{ object: parseNetworkOptions({ mtu: 'auto' }), source: 'network' }]).mtu, 'auto')
})

t.test('a value of another type is refused by the check of the settings', async (t) => {
  const parse = (options: Record<string, string>) =>
    parseSettings([{ object: parseNetworkOptions(options), source: 'network' }])
  t.throws(() => parse({ mtu: 'big' }), {
    message: 'invalid configuration',
    details: /network: mtu: needs a whole number .*"big"/,
  })
  t.throws(() => parse({ ipMasq: 'maybe' }), {
    message: 'invalid configuration',
    details: /network: ipMasq: needs true or false, got "maybe"/,
  })
})

t.test('every setting is an option, or its refusal says where it belongs', async (t) => {
  const known = refusal('colour')
  for (const key of SETTINGS_KEYS) {
    const isGroup = known.includes(` ${key}.`) || refusal(`${key}.any`) === 'accepted'
    if (!isGroup) t.match(refusal(key, 'true'), /accepted|podman network create|\/etc\/flatnet/, key)
  }
})

const refused: [string, RegExp][] = [
  ['colour', /unknown option: colour=x \(known here: nebula\.ca, /],
  ['isolate', /unknown option: isolate=x \(known here/],
  ['ipmasq', /did you mean ipMasq\?/],
  ['MTU', /did you mean mtu\?/],
  ['gateway.vai', /did you mean gateway\.via\?/],
  ['via', /did you mean gateway\.via\?/],
  ['bridge', /--interface-name sets the bridge/],
  ['routes', /--route adds a route/],
  ['agent.pace', /\/etc\/flatnet\/flatnet\.json/],
  ['names.domain', /the domain from \/etc\/flatnet\/flatnet\.json/],
  ['names.gvie', /did you mean names\.give\?/],
  ['gateway', /unknown option: gateway=x/],
  ['sysctl.', /unknown option/],
  ['__proto__', /unknown option/],
]
for (const [name, says] of refused) t.test(`option ${name}`, async (t) => t.match(refusal(name), says))

t.test('a value that is not a string', async (t) => {
  t.match(refusal('mtu', 1300), /option mtu: needs a text, got 1300/)
})
