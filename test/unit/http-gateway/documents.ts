import t from 'tap'
import { type KnownContainer, type KnownHost, makeDocuments } from '../../../src/http-gateway/documents.ts'
import { reachablePorts } from '../../../src/http-gateway/reachable.ts'

function container(name: string, more: Partial<KnownContainer> = {}): KnownContainer {
  return {
    names: [name],
    addresses: ['10.87.1.10'],
    since: '2026-01-01T00:00:00.000Z',
    ports: [{ protocol: 'tcp', containerPort: 80 }],
    exposed: [],
    labels: {},
    ...more,
  }
}

function host(
  name: string,
  number: number,
  containers: readonly KnownContainer[],
  more: Partial<KnownHost> = {},
): KnownHost {
  return {
    name,
    overlay: `10.86.${String(number)}.1`,
    subnets: [`10.87.${String(number)}.0/24`],
    path: number === 1 ? 'local' : 'p2p',
    gateway: undefined,
    containers,
    ...more,
  }
}

const SETTINGS = { domain: 'flatnet.internal', reach: 'published' } as const

t.test('one document per host, this host first', async (t) => {
  const { self, hosts, leftOut } = makeDocuments(
    host('host-m', 1, [container('web')]),
    [
      host('host-z', 3, [], { path: 'gateway', gateway: '192.168.1.13:80' }),
      host('host-b', 2, [container('shop', { addresses: ['fd87::10', '10.87.2.10'] })]),
    ],
    SETTINGS,
  )
  t.same(self, { version: 1, host: 'host-m', domain: 'flatnet.internal', overlay: '10.86.1.1' })
  t.same(hosts, [
    {
      version: 1,
      host: 'host-m',
      path: 'local',
      subnets: ['10.87.1.0/24'],
      containers: [{ names: ['web'], address: '10.87.1.10', port: 80, ports: [80] }],
    },
    {
      version: 1,
      host: 'host-b',
      path: 'p2p',
      subnets: ['10.87.2.0/24'],
      containers: [{ names: ['shop'], address: '10.87.2.10', port: 80, ports: [80] }],
    },
    {
      version: 1,
      host: 'host-z',
      path: 'gateway',
      subnets: ['10.87.3.0/24'],
      gateway: '192.168.1.13:80',
      containers: [],
    },
  ])
  t.same(leftOut, [])
})

t.test('names that cannot all be had', async (t) => {
  const later = { since: '2026-01-02T00:00:00.000Z', addresses: ['10.87.1.11'] }
  const { hosts, leftOut } = makeDocuments(
    host('Host A', 1, [
      container('web', later),
      container('WEB'),
      container('db', { ...later, names: ['db', 'web', '日本'] }),
      container('日本'),
    ]),
    [host('host.a', 2, []), host('host_b', 3, [])],
    SETTINGS,
  )
  t.same(
    hosts.map((each) => each.host),
    ['host-a', '10-86-2-1', 'host-b'],
  )
  t.match(hosts[0]?.containers, [
    { names: ['db'], address: '10.87.1.11' },
    { names: ['web'], address: '10.87.1.10' },
  ])
  t.equal(hosts[0]?.containers.length, 2, 'what has no name is not reachable')
  t.same(leftOut, [
    { host: 'host-a', what: 'a second container called web' },
    { host: 'host-a', what: 'a second container called web' },
  ])
})

t.test('which ports may be reached, and which is the default', async (t) => {
  const tcp = (...list: number[]) => list.map((containerPort) => ({ protocol: 'tcp', containerPort }))
  const exposed = (...list: number[]) => list.map((port) => ({ protocol: 'tcp', port }))
  const nothing = { ports: [], exposed: [], labels: {} }
  const udp = { ...nothing, ports: [{ protocol: 'udp', containerPort: 53 }] }
  for (const [what, given, reach, expected] of [
    ['nothing published', nothing, 'published', undefined],
    ['UDP only', udp, 'published', undefined],
    ['one published', { ...nothing, ports: tcp(80) }, 'published', { ports: [80], port: 80 }],
    ['the same twice', { ...nothing, ports: tcp(80, 80) }, 'published', { ports: [80], port: 80 }],
    [
      'two published',
      { ...nothing, ports: tcp(8080, 6379) },
      'published',
      { ports: [6379, 8080], port: undefined },
    ],
    [
      'published and exposed',
      { ...nothing, ports: tcp(80), exposed: exposed(443) },
      'published',
      { ports: [80, 443], port: 80 },
    ],
    ['exposed only', { ...nothing, exposed: exposed(80) }, 'published', undefined],
    [
      'exposed, where that is enough',
      { ...nothing, exposed: exposed(80) },
      'exposed',
      { ports: [80], port: 80 },
    ],
    ['published, where a label is needed', { ...nothing, ports: tcp(80) }, 'label', undefined],
    [
      'a label',
      { ...nothing, exposed: exposed(80), labels: { 'flatnet.http': 'true' } },
      'label',
      { ports: [80], port: 80 },
    ],
    ['a label without ports', { ...nothing, labels: { 'flatnet.http': 'true' } }, 'published', undefined],
    ['hidden', { ...nothing, ports: tcp(80), labels: { 'flatnet.http': 'false' } }, 'published', undefined],
    [
      'a label that says neither',
      { ...nothing, ports: tcp(80), labels: { 'flatnet.http': 'yes' } },
      'published',
      undefined,
    ],
    [
      'a port by label',
      { ...nothing, ports: tcp(80, 90), labels: { 'flatnet.http.port': '90' } },
      'published',
      { ports: [80, 90], port: 90 },
    ],
    [
      'a port that only the label names',
      { ...nothing, labels: { 'flatnet.http': 'true', 'flatnet.http.port': '3000' } },
      'published',
      { ports: [3000], port: 3000 },
    ],
    [
      'a port that is none',
      { ...nothing, ports: tcp(80, 90), labels: { 'flatnet.http.port': '70000' } },
      'published',
      { ports: [80, 90], port: undefined },
    ],
  ] as const)
    t.same(reachablePorts(given, reach), expected, what)
})
