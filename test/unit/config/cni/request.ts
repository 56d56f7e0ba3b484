import t from 'tap'
import { formatIp } from '../../../../src/addr/ip.ts'
import { CniCode } from '../../../../src/cni/error.ts'
import { parseNetConf } from '../../../../src/config/cni/netconf.ts'
import { parseRequest } from '../../../../src/config/cni/request.ts'

const ENVIRONMENT = {
  verb: 'ADD',
  containerID: 'c1',
  ifname: 'eth0',
  netns: '/run/netns/c1',
  args: new Map(),
  allowOwnNetns: false,
} as const
const BASE = { cniVersion: '1.0.0', name: 'flatnet', type: 'flatnet-cni' }
function request(conf: Record<string, unknown>, args: Record<string, string> = {}) {
  const parsed = parseNetConf({ ...BASE, ...conf }, true)
  const { ips, mac } = parseRequest(parsed, { ...ENVIRONMENT, args: new Map(Object.entries(args)) })
  return { ips: ips.map(formatIp), mac }
}

const cases: [string, Record<string, unknown>, Record<string, string>, string[], string | undefined][] = [
  ['nothing requested', {}, {}, [], undefined],
  ['an address in CNI_ARGS', {}, { IP: '10.87.1.9' }, ['10.87.1.9'], undefined],
  ['an address with a prefix length', {}, { IP: '10.87.1.9/24' }, ['10.87.1.9'], undefined],
  [
    'addresses as a capability',
    { runtimeConfig: { ips: ['10.87.1.9', 'fd87::9'] } },
    {},
    ['10.87.1.9', 'fd87::9'],
    undefined,
  ],
  [
    'the same address twice, as podman reloads',
    { runtimeConfig: { ips: ['10.87.1.9', '10.87.1.9'] } },
    {},
    ['10.87.1.9'],
    undefined,
  ],
  [
    'keys in Go style',
    { runtimeConfig: { IPs: ['10.87.1.9'], Mac: '0A-58-00-00-00-01' } },
    {},
    ['10.87.1.9'],
    '0a:58:00:00:00:01',
  ],
  ['null lists from Go', { runtimeConfig: { ips: null, mac: '' } }, {}, [], undefined],
  [
    'args.cni instead of CNI_ARGS',
    { args: { cni: { ips: ['10.87.1.7'] } } },
    { IP: '10.87.1.9' },
    ['10.87.1.7'],
    undefined,
  ],
  ['a MAC in CNI_ARGS', {}, { MAC: '0a:58:00:00:00:01' }, [], '0a:58:00:00:00:01'],
  [
    'the capability wins over CNI_ARGS',
    { runtimeConfig: { mac: '0a:58:00:00:00:02' } },
    { MAC: '0a:58:00:00:00:01' },
    [],
    '0a:58:00:00:00:02',
  ],
]
for (const [name, conf, args, ips, mac] of cases)
  t.test(name, async (t) => t.same(request(conf, args), { ips, mac }))

const wrong: [string, Record<string, unknown>, Record<string, string>, number, RegExp][] = [
  [
    'text that is not an address',
    {},
    { IP: '10.87.1' },
    CniCode.InvalidConfig,
    /^CNI_ARGS IP: "10.87.1" is not an IP address/,
  ],
  [
    'two addresses of one family',
    { runtimeConfig: { ips: ['10.87.1.8', '10.87.1.9'] } },
    {},
    CniCode.InvalidConfig,
    /one address per family/,
  ],
  ['text that is not a MAC', {}, { MAC: '0a:58' }, CniCode.InvalidConfig, /^CNI_ARGS MAC: "0a:58"/],
  ['a group MAC', { runtimeConfig: { mac: '01:00:5e:00:00:01' } }, {}, CniCode.InvalidConfig, /group bit/],
]
for (const [name, conf, args, code, details] of wrong) {
  t.test(`${name} is refused`, async (t) => t.throws(() => request(conf, args), { code, details }))
}

t.test('the request names the attachment, its namespace and the settings of the network', async (t) => {
  const conf = parseNetConf({ ...BASE, bridge: 'br7' }, true)
  t.match(parseRequest(conf, ENVIRONMENT), {
    key: { network: 'flatnet', containerID: 'c1', ifname: 'eth0' },
    own: { bridge: 'br7' },
    netns: { path: '/run/netns/c1', source: 'CNI_NETNS', allowOwn: false },
  })
})
