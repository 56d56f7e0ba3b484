import fc from 'fast-check'
import t from 'tap'
import { parse } from 'yaml'

import { CniError } from '../../../../src/cni/error.ts'
import { nebulaFacts } from '../../../../src/nebula/configuration/nebula-config.ts'
import { nebulaSettings, renderNebulaConfig } from '../../../../src/provision/nebula/config.ts'
import type { NebulaPlan } from '../../../../src/provision/nebula/plan.ts'
import { holdsForAll } from '../../nebula/fixtures/property.ts'
import { hostPlan, ip, lighthousePlan, prefix } from '../../../fixtures/provision/nebula-plan.ts'

const SHELL = {
  port: 2222,
  hostKey: '/etc/nebula/ssh_host_ed25519_key',
  user: 'flatnet',
  authorizedKey: `ssh-ed25519 ${'A'.repeat(68)}`,
}
const IPV6 = {
  addresses: [prefix('10.86.1.1/16'), prefix('fd86::1:1/64')],
  pools: [prefix('10.87.0.0/16'), prefix('fd87::/48')],
  subnets: [prefix('10.87.1.0/24'), prefix('fd87:0:0:1::/64')],
}

// Nebula 1.6 accepts only addresses.
const BY_ADDRESS = hostPlan().lighthouses.slice(0, 1)

const PLANS: readonly [string, NebulaPlan][] = [
  ['a host', hostPlan()],
  [
    'a host with everything',
    hostPlan({ ...IPV6, shell: SHELL, blocklist: ['ab'.repeat(32)], bridges: ['lan+1.5'] }),
  ],
  ['a lighthouse', lighthousePlan()],
  [
    'a lighthouse with containers and DNS',
    lighthousePlan({ subnets: [prefix('10.87.9.0/24')], servesDns: true }),
  ],
  [
    'a host of Nebula 1.6',
    hostPlan({ version: '1.6.1', lighthouses: BY_ADDRESS, routes: [route('10.87.2.0/24', '10.86.2.1')] }),
  ],
]

function route(subnet: string, via: string): NebulaPlan['routes'][number] {
  return { subnet: prefix(subnet), via: ip(via) }
}

function facts(plan: NebulaPlan): ReturnType<typeof nebulaFacts> {
  return nebulaFacts(parse(renderNebulaConfig(plan)))
}

for (const [name, plan] of PLANS) {
  t.test(`${name}: the file has the settings, each key with its reason`, (t) => {
    const text = renderNebulaConfig(plan)
    const settings = nebulaSettings(plan)
    const wanted: Record<string, unknown> = {}
    for (const { path, value } of settings) {
      const [section, key] = path
      if (key === undefined) wanted[section] = value
      else wanted[section] = { ...(wanted[section] as object | undefined), [key]: value }
    }
    t.same(parse(text), wanted)
    t.same(facts(plan).problems, [], 'no key that Nebula does not know')

    const lines = text.split('\n')
    for (const { path } of settings) {
      const key = path[1] ?? path[0]
      const at = lines.findIndex((line) => line.startsWith(`${path.length === 2 ? '  ' : ''}${key}:`))
      t.match(lines[at - 1], /^ *# ./, `${path.join('.')} has a comment above it`)
    }
    t.same(
      lines.filter((line) => line.startsWith('#') && line.length > 110),
      [],
    )
    for (const rule of [...facts(plan).firewall.inbound, ...facts(plan).firewall.outbound])
      t.ok(rule.localCidr, 'every rule names the addresses on this side')
    t.end()
  })
}

t.test('a host asks all lighthouses, a lighthouse asks none', (t) => {
  const host = facts(hostPlan())
  t.same(host.lighthouse.hosts, ['10.86.0.1', '10.86.0.2'])
  t.same([...host.staticHostMap.values()], [['198.18.0.1:4242'], ['lh2.office.example:4242']])
  t.same(host.relay, { amRelay: false, useRelays: true, relays: ['10.86.0.1', '10.86.0.2'] })

  const lighthouse = facts(lighthousePlan())
  t.same(lighthouse.lighthouse.hosts, [])
  t.same([...lighthouse.staticHostMap.keys()], ['10.86.0.2'], 'not itself')
  t.same(lighthouse.relay, { amRelay: true, useRelays: false, relays: [] })
  t.end()
})

t.test('an IPv6 address on the LAN is in brackets', (t) => {
  const endpoints = [{ host: 'fd98::1', port: 4242 }]
  const { staticHostMap } = facts(hostPlan({ lighthouses: [{ overlay: ip('10.86.0.1'), endpoints }] }))
  t.same(staticHostMap.get('10.86.0.1'), ['[fd98::1]:4242'])
  t.end()
})

t.test('without relays neither side relays', (t) => {
  t.same(facts(hostPlan({ usesRelays: false })).relay, { amRelay: false, useRelays: false, relays: [] })
  t.equal(facts(lighthousePlan({ usesRelays: false })).relay.amRelay, false)
  t.end()
})

t.test('routes come from the kernel if Nebula follows it, and from the file before 1.7', (t) => {
  const routes = [route('10.87.2.0/24', '10.86.2.1')]
  t.match(facts(hostPlan()).tun, { useSystemRouteTable: true, unsafeRoutes: [] })
  const old = facts(hostPlan({ version: '1.6.1', lighthouses: BY_ADDRESS, routes })).tun
  t.equal(old.useSystemRouteTable, undefined)
  t.match(old.unsafeRoutes, [{ route: '10.87.2.0/24', via: ['10.86.2.1'] }])
  t.equal(facts(lighthousePlan()).tun.useSystemRouteTable, undefined, 'no routes without containers')
  t.end()
})

t.test('each group becomes a rule, for containers and for published ports', (t) => {
  const of = (allowFrom: readonly string[]): readonly unknown[] =>
    facts(hostPlan({ allowFrom }))
      .firewall.inbound.filter(({ proto }) => proto === 'any')
      .map(({ host, groups, localCidr }) => [host ?? groups, localCidr])
  t.same(of(['web', '営業']), [
    [['web'], '10.86.1.1/32'],
    [['営業'], '10.86.1.1/32'],
    [['web'], '10.87.1.0/24'],
    [['営業'], '10.87.1.0/24'],
  ])
  t.same(of([]), [
    ['any', '10.86.1.1/32'],
    ['any', '10.87.1.0/24'],
  ])
  t.end()
})

t.test('both families have their own rules', (t) => {
  const { inbound, outbound } = facts(hostPlan(IPV6)).firewall
  t.same(
    outbound.map(({ localCidr }) => localCidr),
    ['0.0.0.0/0', '::/0'],
  )
  t.ok(
    inbound.some(({ localCidr, groups }) => localCidr === 'fd87:0:0:1::/64' && groups.includes('containers')),
  )
  t.end()
})

t.test('a bridge with another name is not advertised either', (t) => {
  const { localAllowList } = facts(hostPlan({ bridges: ['lan+1.5'] })).lighthouse
  t.equal(localAllowList?.interfaces.get(String.raw`lan\+1\.5`), false)
  t.same(new Set(localAllowList?.interfaces.values()), new Set([false]), 'Nebula requires one value for all')
  t.end()
})

const REFUSED: readonly [string, Partial<NebulaPlan>, RegExp][] = [
  ['no version', { version: 'latest' }, /^version: "latest"/],
  ['a version with a hole', { version: '1.9.5' }, /CVE-2025-62820.*install 1\.9\.7/],
  ['an ancient version', { version: '1.4.0' }, /too old/],
  ['IPv6 for an old version', { ...IPV6, version: '1.9.7' }, /cannot carry IPv6/],
  [
    'a DNS name for 1.6',
    { version: '1.6.1', routes: [route('10.87.2.0/24', '10.86.2.1')] },
    /lh2\.office\.example.*does not start/,
  ],
  ['no routes for 1.6', { version: '1.6.1' }, /^routes: Nebula 1\.6\.1 does not follow/],
  ['a relative path', { pki: { ca: 'ca.crt', cert: '/c', key: '/k' } }, /^pki\.ca: "ca\.crt"/],
  ['a key in place of its path', { pki: { ca: '/a', cert: '/c', key: '/-----BEGIN' } }, /^pki\.key/],
  ['a line break in a path', { pki: { ca: '/a\ntun: {}', cert: '/c', key: '/k' } }, /^pki\.ca/],
  ['a line break in the name', { name: 'a\nb' }, /^name/],
  ['the group that means everyone', { allowFrom: ['any'] }, /every host in Nebula/],
  ['an empty group', { allowFrom: [''] }, /^allowFrom/],
  ['a short fingerprint', { blocklist: ['ab'] }, /^blocklist/],
  ['a device with a slash', { device: 'a/b' }, /name of a link/],
  ['a port too high', { listenPort: 65_536 }, /^listenPort/],
  ['a fractional MTU', { mtuBytes: 1300.5 }, /^mtuBytes/],
  [
    'a pool in the overlay',
    { pools: [prefix('10.86.128.0/17')], subnets: [] },
    /overlaps the overlay network 10\.86\.0\.0\/16/,
  ],
  ['a subnet outside the pool', { subnets: [prefix('10.88.1.0/24')] }, /outside the pool/],
  ['a gateway outside the overlay', { routes: [route('10.87.2.0/24', '192.168.0.1')] }, /^routes/],
  ['no lighthouse', { lighthouses: [] }, /at least one lighthouse/],
  [
    'a lighthouse nowhere',
    { lighthouses: [{ overlay: ip('10.86.0.1'), endpoints: [] }] },
    /no address on the LAN/,
  ],
  [
    'a lighthouse outside',
    { lighthouses: [{ overlay: ip('10.1.0.1'), endpoints: [{ host: 'a', port: 1 }] }] },
    /outside the overlay/,
  ],
  [
    'half an address',
    { lighthouses: [{ overlay: ip('10.86.0.1'), endpoints: [{ host: '198.18.0', port: 1 }] }] },
    /neither an IP/,
  ],
  [
    'a name with a quote',
    { lighthouses: [{ overlay: ip('10.86.0.1'), endpoints: [{ host: 'a"b', port: 1 }] }] },
    /neither an IP/,
  ],
  ['an SSH server on 22', { shell: { ...SHELL, port: 22 } }, /^shell\.port/],
  [
    'options before an SSH key',
    { shell: { ...SHELL, authorizedKey: `no-pty ${SHELL.authorizedKey}` } },
    /^shell\.auth/,
  ],
]

for (const [name, changes, details] of REFUSED) {
  t.test(`${name} is refused`, (t) => {
    t.throws(() => renderNebulaConfig(hostPlan(changes)), { name: 'CniError', code: 7, details })
    t.end()
  })
}

t.test('a lighthouse needs a fixed port', (t) => {
  t.throws(() => renderNebulaConfig(lighthousePlan({ listenPort: 0 })), {
    name: 'CniError',
    details: /needs a fixed one/,
  })
  t.end()
})

t.test('no text can add a key, end its value or become a comment', (t) => {
  const odd = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
    fc.constantFrom(
      'true',
      'null',
      '~',
      '- a',
      '# b',
      '"',
      "'",
      '\\',
      '{a: b}',
      '&a',
      '*a',
      '!!x',
      '0x1',
      '<<',
      '営業',
      '🙂',
    ),
  )
  const keys = Object.keys(parse(renderNebulaConfig(hostPlan())) as object).join()
  const holds = (text: string): void => {
    const plan = hostPlan({ name: text, allowFrom: [text], pki: { ca: `/${text}`, cert: '/c', key: '/k' } })
    let rendered: string
    try {
      rendered = renderNebulaConfig(plan)
    } catch (error) {
      if (error instanceof CniError) return
      throw error
    }
    const read = parse(rendered) as Record<string, Record<string, unknown>>
    const inbound = (read['firewall']?.['inbound'] ?? []) as { group?: unknown }[]
    const groups = inbound.flatMap(({ group }) => group ?? [])
    const isSame =
      Object.keys(read).join() === keys &&
      read['pki']?.['ca'] === `/${text}` &&
      groups.every((group) => group === text)
    if (!isSame || groups.length !== 2) throw new Error(`${JSON.stringify(text)} was read as something else`)
  }
  holdsForAll(t, odd, holds, 100)
  t.end()
})
