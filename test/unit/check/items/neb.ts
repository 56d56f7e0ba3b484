import t from 'tap'
import { NEB_ITEMS } from '../../../../src/check/items/neb.ts'
import {
  breakOneByOne,
  type Case,
  nebula,
  nebulaConfig,
  nebulaVersion,
  NEBULA_FILE,
  reportOf,
  type Some,
} from '../fixtures/broken.ts'

const FILE = {
  state: 'read',
  path: '/etc/nebula/config.yml',
  problems: [],
  settingsPath: '/etc/nebula/config.yml',
} as const
const PRINT = 'ab'.repeat(32)
const CERTIFICATE = {
  nebula: { source: '/etc/nebula/host.crt', fingerprints: [PRINT], problem: undefined },
  flatnet: { source: '/etc/nebula/host.crt', fingerprint: PRINT, notAfter: 2_000_000 },
}
const NOW = 1_000_000
const STATS = {
  absent: undefined,
  url: 'http://127.0.0.1:8085/metrics',
  before: new Map([['firewall_outgoing_dropped_no_rule', 4]]),
  after: new Map([['firewall_outgoing_dropped_no_rule', 4]]),
  seconds: 0.4,
  certificateTtlSeconds: 1_000_000,
}
const ROUTE = { dst: '10.87.2.0/24', dev: 'nebula1' }
const ROUTES = {
  peerSubnets: ['10.87.2.0/24'],
  routes: [ROUTE, { ...ROUTE, dev: 'eth0' }],
  dev: 'nebula1',
}
const LIGHTHOUSE = { overlay: '10.86.0.1', underlay: ['198.18.0.1:4242'], answers: true }
const WSL = {
  kind: 'wsl2',
  release: '',
  mode: 'mirrored',
  isSystemdRunning: true,
  systemdWanted: undefined,
  windowsConfig: undefined,
  windowsTask: undefined,
  seesWindowsDisk: true,
  resolver: { path: '', problem: undefined, nameservers: [] },
  memory: { now: undefined, earlier: undefined, jumpedSeconds: 0 },
} as const
const PORT = { port: 4242, isNebulaRunning: true, isTakenHere: true, refusal: undefined }
const HEALTHY: Some = {
  role: { isBareLighthouse: false, isGateway: false },
  udpPort: PORT,
  wsl: WSL,
  now: NOW,
  nebula: nebula(),
  nebulaFile: FILE,
  nebulaConfig: nebulaConfig(),
  nebulaCertificate: CERTIFICATE,
  nebulaStats: STATS,
  nebulaRoutes: ROUTES,
  revocations: { revoked: [], problems: [] },
  lighthouses: { hosts: [LIGHTHOUSE] },
}

const REVOKED = { name: 'host-b', fingerprint: 'ab'.repeat(32), notAfter: NOW + 10 }
const gone = nebula({ processes: [], own: undefined, link: undefined })
const [elsewhere] = nebula().processes.map((process) => ({ ...process, isHere: false }))
const { pki, lighthouse, tun } = NEBULA_FILE
const rule = { port: 'any', proto: 'any', host: 'any' }
const open = { ...rule, local_cidr: '0.0.0.0/0' }
const firewall = (outbound: object[], inbound: object[], more: object = {}) => ({
  nebulaConfig: nebulaConfig({ firewall: { outbound, inbound, ...more } }),
})
const config = (change: Readonly<Record<string, unknown>>): Some => ({ nebulaConfig: nebulaConfig(change) })
const dropping = (name: string): Some => ({
  nebulaStats: { ...STATS, after: new Map([...STATS.after, [name, 9]]) },
})
const lightless = { hosts: [{ ...LIGHTHOUSE, answers: false }] }

const CASES: readonly Case[] = [
  ['no process', { nebula: gone, lighthouses: lightless }, 'NEB-001', 'fail', /no Nebula process/],
  ['Debian 12',
    { nebula: nebulaVersion('1.6.1'),
    ...config({ tun: { unsafe_routes: [{ route: '10.87.2.0/24', via: '10.86.2.1' }] } }),
    nebulaRoutes: { ...ROUTES, routes: [] } }, 'NEB-002', 'warn',
    /1\.6\.1 does not follow the system's routes/],
  ['older than any tested version', { nebula: nebulaVersion('1.8.2') }, 'NEB-002', 'warn',
    /1\.9\.7 or newer/],
  ['Debian 13', { nebula: nebulaVersion('1.9.3') }, 'NEB-002', 'ok', /1\.9\.7 or newer is recommended/],
  ['forged sources', { nebula: nebulaVersion('1.9.5') }, 'NEB-002', 'fail', /CVE-2025-62820/],
  ['fixed', { nebula: nebulaVersion('1.9.7') }, 'NEB-002', 'ok', /^ 1\.9\.7$/],
  ['loses routes', { nebula: nebulaVersion('1.10.1') }, 'NEB-002', 'warn', /1\.10\.2 or newer/],
  ['a future version', { nebula: nebulaVersion('1.12.3') }, 'NEB-002', 'ok', /newer than 1\.11/],
  ['unknown version', { nebula: nebulaVersion(undefined) }, 'NEB-002', 'skip', /not asked/],
  ['in another namespace',
    { nebula: nebula({ processes: elsewhere ? [elsewhere] : [], own: undefined, link: undefined }),
    lighthouses: lightless }, 'NEB-003', 'fail', /process 7 is in another network namespace/],
  ['no link', { nebula: nebula({ link: undefined }), lighthouses: lightless }, 'NEB-004', 'fail',
    /no link has 10\.86\.1\.1\/16/],
  ['a configured link that is missing', { nebula: nebula({ link: undefined, wantedDevice: 'neb9' }) },
    'NEB-004', 'fail', /no link neb9/],
  ['down', { nebula: nebula({ link: { name: 'nebula1', addresses: ['10.86.1.1/16'], isUp: false,
    mtuBytes: 1300 } }) }, 'NEB-004', 'fail', /nebula1 is down/],
  ['another address',
    { nebula: nebula({ link: { name: 'nebula1', addresses: ['10.86.9.1/16'], isUp: true,
    mtuBytes: 1300 } }) }, 'NEB-004', 'fail',
    /has 10\.86\.9\.1\/16, but the certificate says 10\.86\.1\.1\/16/],
  ['too large for Ethernet',
    { nebula: nebula({ link: { name: 'nebula1', addresses: ['10.86.1.1/16'], isUp: true, mtuBytes: 1441 },
    containerMtuBytes: 1441 }) }, 'NEB-005', 'warn', /MTU 1441; at most 1440 fits/],
  ['containers larger than the link', { nebula: nebula({ containerMtuBytes: 1500 }) }, 'NEB-005', 'warn',
    /containers have MTU 1500, nebula1 has 1300/],
  ['no file', { nebulaFile: { ...FILE, state: 'absent', problems: ['/x: no such file'] } }, 'NEB-006', 'warn',
    /no such file/],
  ['not YAML', { nebulaFile: { ...FILE, state: 'damaged', problems: ['/x: is not YAML'] } }, 'NEB-006',
    'fail', /not YAML/],
  ['a value that Nebula refuses', { nebulaFile: { ...FILE, problems: ['tun.mtu: needs a number'] } },
    'NEB-006', 'warn', /tun\.mtu/],
  ['a file other than the configured one', { nebulaFile: { ...FILE, path: '/etc/nebula/a.yml' } }, 'NEB-006',
    'warn', /Nebula uses \/etc\/nebula\/a\.yml/],
  ['another certificate',
    { nebulaCertificate: { ...CERTIFICATE,
    nebula: { source: '/old.crt', fingerprints: ['cd'.repeat(32)], problem: undefined } } }, 'NEB-007',
    'fail', /Nebula uses \/old\.crt \(cdcdcdcdcdcd\), flatnet uses/],
  ['no certificate',
    { nebulaCertificate: { ...CERTIFICATE,
    nebula: { source: 'x', fingerprints: [], problem: 'is not set' } } }, 'NEB-007', 'fail',
    /pki\.cert: is not set/],
  ['replaced without a reload', { nebulaStats: { ...STATS, certificateTtlSeconds: 500 } }, 'NEB-007', 'fail',
    /was replaced, but Nebula still uses/],
  ['tunnels kept after expiry', config({ pki: { ...pki, disconnect_invalid: false } }), 'NEB-008', 'warn',
    /is false/],
  ['the default since 1.7',
    { nebula: nebulaVersion('1.9.7'), ...config({ pki: { ...pki, disconnect_invalid: undefined } }) },
    'NEB-008', 'ok', /true by default/],
  ['routes not followed', config({ tun: { ...tun, use_system_route_table: false } }), 'NEB-009', 'fail',
    /not true, and tun\.unsafe_routes is empty/],
  ['a lighthouse without containers',
    { ...config({ tun: { ...tun, use_system_route_table: false } }),
      role: { isBareLighthouse: true, isGateway: false } },
    'NEB-009', 'skip', /a lighthouse without containers/],
  ['static routes', config({ tun: { unsafe_routes: [{ route: '10.87.2.0/24', via: '10.86.2.1' }] } }),
    'NEB-009', 'warn', /only configured routes/],
  ['no local_cidr at all', firewall([rule], [rule]), 'NEB-010', 'fail',
    /firewall\.outbound has no rule for 10\.87\.1\.0\/24; firewall\.inbound/],
  ['local_cidr inbound only', firewall([rule], [open]), 'NEB-010', 'fail',
    /^ firewall\.outbound has no rule for 10\.87\.1\.0\/24$/],
  ['no local_cidr is fine in 1.9', { nebula: nebulaVersion('1.9.7'), ...firewall([rule], [rule]) }, 'NEB-010',
    'ok', /both directions/],
  ['no local_cidr is fine with the default set', firewall([rule], [rule], { default_local_cidr_any: true }),
    'NEB-010', 'ok', /both directions/],
  ['the word any', firewall([{ ...rule, local_cidr: 'any' }], [{ ...rule, local_cidr: 'any' }]), 'NEB-010',
    'ok', /both directions/],
  ['a part of the subnet', firewall([open], [{ ...rule, local_cidr: '10.87.1.0/25' }]), 'NEB-010', 'fail',
    /inbound/],
  ['single services', firewall([open], [{ ...open, proto: 'tcp', port: 80 }]), 'NEB-011', 'fail',
    /firewall\.inbound: udp 4280 from and to containers/],
  ['the overlay address alone',
    firewall([open], [{ ...open, local_cidr: '10.86.1.1/32' }, { ...open, local_cidr: '10.87.1.0/24' }]),
    'NEB-011', 'ok', /pass/],
  ['a range of ports', firewall([open], [{ ...open, port: '4000-4300' }]), 'NEB-011', 'ok', /pass/],
  ['containers only', firewall([open], [{ ...rule, local_cidr: '10.87.1.0/24' }]), 'NEB-011', 'fail',
    /firewall\.inbound: udp 4280 between overlay addresses; firewall\.inbound: tcp/],
  ['other networks only',
    firewall([open], [{ port: 'any', proto: 'any', cidr: '10.99.0.0/16', local_cidr: '0.0.0.0/0' }]),
    'NEB-011', 'fail', /containers/],
  ['the bridge is advertised', config({ lighthouse: { ...lighthouse, local_allow_list: undefined } }),
    'NEB-012', 'warn', /advertised: flatnet0 \(10\.87\.1\.1\/24\)/],
  ["docker's bridge is advertised",
    { nebula: nebula({ otherLinks: [{ name: 'br-1234', addresses: ['172.18.0.1/16'] }] }) }, 'NEB-012',
    'warn', /br-1234 \(172\.18\.0\.1\/16\)/],
  ['a future bridge would be advertised',
    { nebula: nebula({ otherLinks: [] }),
    ...config({ lighthouse: { ...lighthouse, local_allow_list: { interfaces: { 'x.*': false } } } }) },
    'NEB-012', 'warn', /flatnet0, once it exists/],
  ['excluded by network',
    config({ lighthouse: { ...lighthouse, local_allow_list: { '10.87.0.0/16': false } } }), 'NEB-012', 'ok',
    /none/],
  ['only one link is advertised',
    config({ lighthouse: { ...lighthouse, local_allow_list: { interfaces: { eth0: true } } } }), 'NEB-012',
    'ok', /none/],
  ['the pool allowed',
    config({ lighthouse: { ...lighthouse,
    remote_allow_list: { '0.0.0.0/0': true, '10.99.0.0/16': false } } }), 'NEB-013', 'warn',
    /10\.87\.0\.0\/16 is not denied/],
  ['no lighthouse', config({ lighthouse: { ...lighthouse, hosts: [] } }), 'NEB-014', 'fail',
    /hosts is empty/],
  ['a lighthouse without an address', config({ static_host_map: {} }), 'NEB-014', 'fail',
    /static_host_map has no address for 10\.86\.0\.1/],
  ['a lighthouse outside the overlay network',
    config({ lighthouse: { ...lighthouse, hosts: ['192.168.1.10'] } }), 'NEB-014', 'fail',
    /outside 10\.86\.1\.1\/16/],
  ['itself', config({ lighthouse: { ...lighthouse, hosts: ['10.86.1.1'] } }), 'NEB-014', 'fail',
    /this host itself/],
  ['a lighthouse with lighthouses', config({ lighthouse: { ...lighthouse, am_lighthouse: true } }), 'NEB-014',
    'warn', /names 10\.86\.0\.1, but must be empty/],
  ['the only lighthouse is silent', { lighthouses: lightless }, 'NEB-015', 'fail',
    /10\.86\.0\.1 \(198\.18\.0\.1:4242\) does not answer/],
  ['one of two is silent',
    { lighthouses: { hosts: [LIGHTHOUSE, { ...LIGHTHOUSE, overlay: '10.86.0.2', answers: false }] } },
    'NEB-015', 'warn', /10\.86\.0\.2/],
  ['no ping', { lighthouses: { hosts: [{ ...LIGHTHOUSE, answers: undefined }] } }, 'NEB-015', 'skip',
    /ping is not installed/],
  ['no rule', dropping('firewall_outgoing_dropped_no_rule'), 'NEB-016', 'warn',
    /dropped 5 packets in 0\.4 s: no rule in firewall\.outbound/],
  ['own certificate too small', dropping('firewall_outgoing_dropped_local_addr'), 'NEB-016', 'fail',
    /not in the certificate of this host/],
  ["the other's certificate too small", dropping('firewall_outgoing_dropped_remote_ip'), 'NEB-016', 'fail',
    /other host's certificate/],
  ['masqueraded there', dropping('firewall_incoming_dropped_remote_addr'), 'NEB-016', 'fail',
    /sender's certificate/],
  ['stats are off', { nebulaStats: { ...STATS, absent: 'stats are off' } }, 'NEB-016', 'skip',
    /stats are off/],
  ['static and learnt',
    config({ tun: { ...tun, unsafe_routes: [{ route: '10.87.2.0/24', via: '10.86.2.1' }] } }), 'NEB-017',
    'fail', /10\.87\.2\.0\/24 is in tun\.unsafe_routes/],
  ['twice in the kernel', { nebulaRoutes: { ...ROUTES, routes: [ROUTE, ROUTE] } }, 'NEB-017', 'fail',
    /2 routes for 10\.87\.2\.0\/24 on nebula1/],
  ['the pool by a gateway',
    config({ tun: { ...tun, unsafe_routes: [{ route: '10.87.0.0/16', via: '10.86.0.9' }] } }), 'NEB-017',
    'ok', /no subnet twice/],
  ['inside the overlay network',
    config({ tun: { ...tun, unsafe_routes: [{ route: '10.86.7.0/24', via: '10.86.2.1' }] } }), 'NEB-018',
    'fail', /10\.86\.7\.0\/24/],
  ['no punching', config({ punchy: {} }), 'NEB-019', 'warn', /not true/],
  ['slow timers', config({ timers: { connection_alive_interval: 10, pending_deletion_interval: 20 } }),
    'NEB-020', 'warn', /after 30 s/],
  ['the port of Windows', { ...config({ listen: { port: 4242 } }), udpPort: { ...PORT, isTakenHere: false } },
    'NEB-021', 'warn', /listen\.port is 4242/],
  ['refused by Windows',
    { ...config({ listen: { port: 4242 } }),
    udpPort: { ...PORT, isNebulaRunning: false, isTakenHere: false, refusal: 'EADDRINUSE' } }, 'NEB-021',
    'warn', /listen\.port is 4242/],
  ['Nebula has the port anyway', config({ listen: { port: 4242 } }), 'NEB-021', 'ok', /Nebula here has it/],
  ['the port of a lighthouse',
    { ...config({ listen: { port: 4242 }, lighthouse: { ...lighthouse, am_lighthouse: true, hosts: [] } }),
    udpPort: { ...PORT, isTakenHere: false } }, 'NEB-021', 'skip', /is a lighthouse/],
  ['another networking mode', { wsl: { ...WSL, mode: 'nat' } }, 'NEB-021', 'skip', /mirrored mode/],
  ['a revoked certificate that Nebula accepts', { revocations: { revoked: [REVOKED], problems: [] } },
    'NEB-022', 'fail', /not in pki\.blocklist: host-b \(abababababababab…\)/],
  ['one that it blocks',
    { revocations: { revoked: [REVOKED], problems: [] },
    ...config({ pki: { ...pki, blocklist: [REVOKED.fingerprint] } }) }, 'NEB-022', 'ok', /1 blocked/],
  ['a damaged statement', { revocations: { revoked: [], problems: ['/x.json: is empty'] } }, 'NEB-022',
    'warn', /x\.json: is empty/],
] // prettier-ignore

await breakOneByOne(t, NEB_ITEMS, HEALTHY, CASES)

t.test('items that need the configuration are skipped with the reason', async (t) => {
  const { nebulaConfig: _, ...rest } = HEALTHY
  const { roots, items } = reportOf(NEB_ITEMS, rest)
  t.equal(roots.length, 1, 'reported once')
  t.match(items.find(({ id }) => id === roots[0])?.findings, [{ seen: /nebulaConfig was not gathered/ }])
  t.equal(items.find(({ id }) => id === 'NEB-010')?.verdict, 'skip')
})

t.test('a silent lighthouse may run Nebula with or without systemd', async (t) => {
  const { items } = reportOf(NEB_ITEMS, { ...HEALTHY, lighthouses: lightless })
  const steps = JSON.stringify(items.find(({ id }) => id === 'NEB-015')?.findings)
  for (const way of ['pgrep', 'flatnet-nebula', 'nebula@config', '/opt/cni/bin/flatnet-start.sh start'])
    t.match(steps, way)
})
