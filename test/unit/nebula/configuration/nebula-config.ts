import fc from 'fast-check'
import t from 'tap'

import { nebulaFacts } from '../../../../src/nebula/configuration/nebula-config.ts'
import { holdsForAll } from '../fixtures/property.ts'

t.test('facts are read as Nebula reads them', (t) => {
  const facts = nebulaFacts({
    pki: {
      ca: '/etc/nebula/ca.crt',
      cert: '-----BEGIN NEBULA CERTIFICATE-----\nAA==\n-----END NEBULA CERTIFICATE-----',
      blocklist: ['AB'.repeat(32)],
    },
    static_host_map: { '10.86.0.1': ['198.18.0.1:4242', 'lh:4242'], '10.86.0.2': 'gw:4242' },
    lighthouse: {
      am_lighthouse: 'no',
      hosts: ['10.86.0.1'],
      interval: '10',
      local_allow_list: { interfaces: { 'docker.*': false }, '10.0.0.0/8': true },
    },
    listen: { host: '0.0.0.0', port: 4242 },
    punchy: true,
    tun: {
      dev: 'nebula1',
      mtu: 1300,
      use_system_route_table: true,
      unsafe_routes: [
        { route: '10.87.2.0/24', via: '10.86.2.1', mtu: 1300, install: false },
        { route: '10.87.3.0/24', via: [{ gateway: '10.86.3.1', weight: 1 }, '10.86.3.2'] },
      ],
    },
    firewall: {
      default_local_cidr_any: false,
      outbound: [{ port: 'any', proto: 'any', host: 'any', local_cidr: 'any' }],
      inbound: [
        { port: 443, proto: 'tcp', groups: ['a', 'b'] },
        { code: 8, proto: 'icmp', group: 'c' },
      ],
    },
    sshd: { enabled: true, listen: '127.0.0.1:2222' },
  })
  t.same(facts.problems, [])
  t.same(facts.pki.ca, { path: '/etc/nebula/ca.crt' })
  t.match(facts.pki.cert, { pem: /BEGIN NEBULA/ })
  t.equal(facts.pki.key, undefined)
  t.same(facts.pki.blocklist, ['ab'.repeat(32)], 'in lower case, like all fingerprints')
  t.same(
    [...facts.staticHostMap],
    [
      ['10.86.0.1', ['198.18.0.1:4242', 'lh:4242']],
      ['10.86.0.2', ['gw:4242']],
    ],
  )
  t.match(facts.lighthouse, { amLighthouse: false, hosts: ['10.86.0.1'], interval: 10 })
  t.same([...(facts.lighthouse.localAllowList?.interfaces ?? [])], [['docker.*', false]])
  t.same([...(facts.lighthouse.localAllowList?.networks ?? [])], [['10.0.0.0/8', true]])
  t.equal(facts.lighthouse.remoteAllowList, undefined)
  t.equal(facts.punchy.punch, true, 'the old syntax')
  t.match(facts.tun, { dev: 'nebula1', mtu: 1300, useSystemRouteTable: true })
  t.match(facts.tun.unsafeRoutes, [
    { route: '10.87.2.0/24', via: ['10.86.2.1'], install: false },
    { route: '10.87.3.0/24', via: ['10.86.3.1', '10.86.3.2'] },
  ])
  t.match(facts.firewall.outbound, [{ port: 'any', host: 'any', localCidr: 'any' }])
  t.match(facts.firewall.inbound, [
    { port: '443', proto: 'tcp', groups: ['a', 'b'] },
    { port: '8', proto: 'icmp', groups: ['c'] },
  ])
  t.equal(facts.firewall.defaultLocalCidrAny, false)
  t.equal(facts.stats.type, undefined, 'absent keys are not guessed')
  t.end()
})

t.test('wrong types are problems that name the key, and the rest is read', (t) => {
  const cases: readonly (readonly [value: unknown, problem: string])[] = [
    ['text', 'the file: must be a map'],
    [[1], 'the file: must be a map, is a list'],
    [{ pki: 'x' }, 'pki: must be a map'],
    [{ pki: { ca: ['x'] } }, 'pki.ca: must be a string, is a list'],
    [{ pki: { blocklist: 'x' } }, 'pki.blocklist: must be a list'],
    [{ pki: { blocklist: [1e64] } }, 'pki.blocklist[0]: is not a fingerprint of 64 hexadecimal digits'],
    [{ tun: { mtu: 'big' } }, 'tun.mtu: must be a whole number, is "big"'],
    [{ tun: { mtu: 1.5 } }, 'tun.mtu: must be a whole number, is 1.5'],
    [{ tun: { use_system_route_table: 'on' } }, 'tun.use_system_route_table: must be true or false, is "on"'],
    [{ tun: { unsafe_routes: [{ route: '10.87.2.0/24' }] } }, 'tun.unsafe_routes[0]: needs route and via'],
    [{ tun: { unsafe_routes: { route: 1 } } }, 'tun.unsafe_routes: must be a list, is an object'],
    [{ firewall: { inbound: ['any'] } }, 'firewall.inbound[0]: must be a map'],
    [{ lighthouse: { local_allow_list: [] } }, 'lighthouse.local_allow_list: must be a map, is a list'],
    [
      { static_host_map: { '10.86.0.1': [['x']] } },
      'static_host_map.10.86.0.1[0]: must be a string, is a list',
    ],
  ]
  for (const [value, problem] of cases) {
    const { problems, ...facts } = nebulaFacts(value)
    t.ok(
      problems.some((each) => each.startsWith(problem)),
      problem,
      { problems },
    )
    t.same(facts.preferredRanges, [])
  }
  t.end()
})

t.test('it never throws, for any value', (t) => {
  const names = [
    'pki',
    'tun',
    'firewall',
    'lighthouse',
    'static_host_map',
    'unsafe_routes',
    'inbound',
    'via',
    'hosts',
    'punchy',
    '__proto__',
  ]
  const tree = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.jsonValue(),
      fc.dictionary(fc.constantFrom(...names), tie('value')),
      fc.array(tie('value'), { maxLength: 4 }),
    ),
  })).value
  holdsForAll(t, tree, (value) => void nebulaFacts(value))
  t.end()
})
