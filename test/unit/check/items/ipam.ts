import t from 'tap'
import { IPAM_ITEMS } from '../../../../src/check/items/ipam.ts'
import { breakOneByOne, type Case, reportOf, type Some } from '../fixtures/broken.ts'

const C1 = 'c1 eth0 of network flatnet'
const C2 = 'c2 eth0 of network flatnet'
const IPAM = {
  stateDir: '/s',
  subnets: [{ subnet: '10.87.1.0/24', size: 245, leased: 2, leaked: 0 }],
  claims: [
    { address: '10.87.1.10', holder: C1 },
    { address: '10.87.1.11', holder: C2 },
  ],
  leaks: [],
  damaged: [],
  foreign: [],
  withoutLease: [],
  lock: undefined,
}
const BRIDGE = {
  name: 'flatnet0',
  exists: true,
  isUp: true,
  obstacle: undefined,
  mac: '0a:58:0a:57:01:01',
  wantedMac: '0a:58:0a:57:01:01',
  acceptsAdvertisements: false,
  hasStp: false,
  otherPorts: [],
  addresses: ['10.87.1.1/24'],
  wantedAddresses: ['10.87.1.1/24'],
  ports: 2,
  strays: [],
  isNeeded: true,
}
const PUBLISHED = { count: 2, contested: [], absent: [] }
const published = (change: Partial<typeof PUBLISHED> | object): Some => ({
  publishedPorts: { ...PUBLISHED, ...change },
})
const nginx = {
  port: 'tcp 80',
  attachment: C1,
  program: 'nginx (process 412) of this host listens on 0.0.0.0:80',
}
const absent = (address: string, port: number) => ({
  port: `tcp ${address}:${String(port)}`,
  attachment: C2,
  address,
})
const ipam = (change: Partial<typeof IPAM> | object): Some => ({ ipam: { ...IPAM, ...change } })
const bridge = (change: Partial<typeof BRIDGE> | object): Some => ({ bridge: { ...BRIDGE, ...change } })
const use = (leased: number, leaked = 0): object => ({
  subnets: [{ subnet: '10.87.1.0/24', size: 245, leased, leaked }],
})
const leased = (count: number): Some => ipam(use(count))
const stray = { link: 'veth0', attachment: C1, bridge: 'flatnet0', master: undefined }
const many = Array.from({ length: 7 }, (_, index) => ({ what: `lease ${String(index)}`, why: 'gone' }))

const CASES: readonly Case[] = [
  ['written by a later version', ipam({ foreign: [{ path: '/s/x', version: '2' }] }), 'IPAM-001', 'fail',
    /\/s 1 files have another version; the first is \/s\/x \(version 2\)/],
  ['damaged', ipam({ damaged: [{ path: '/s/y', problem: 'not JSON' }] }), 'IPAM-002', 'fail',
    /\/s\/y not JSON/],
  ['left behind', ipam({ leaks: many.slice(0, 1) }), 'IPAM-003', 'warn', /1 left behind; lease 0: gone/],
  ['many left behind', ipam({ leaks: many }), 'IPAM-003', 'warn',
    /7 left behind; .*lease 4: gone; and 2 more$/],
  ['one address twice', ipam({ claims: [...IPAM.claims, { address: '10.87.1.10', holder: C2 }] }), 'IPAM-004',
    'fail', /10\.87\.1\.10 held by c1 eth0 of network flatnet and by c2/],
  ['no lease', ipam({ withoutLease: [{ address: '10.87.1.10', holder: C1 }] }), 'IPAM-004', 'fail',
    /10\.87\.1\.10 c1 .* without holding its lease/],
  ['of an earlier certificate', ipam({ claims: [{ address: '10.87.9.10', holder: C1 }] }), 'IPAM-005', 'fail',
    /10\.87\.9\.10 c1 .* outside 10\.87\.1\.0\/24/],
  ['four fifths used', leased(196), 'IPAM-006', 'warn',
    /10\.87\.1\.0\/24 196 of 245 addresses in use \(80 %\)/],
  ['a little less', leased(195), 'IPAM-006', 'ok', /79 %/],
  ['full', leased(245), 'IPAM-006', 'fail', /245 of 245/],
  ['full of dead attachments', ipam({ leaks: many, ...use(200, 7) }), 'IPAM-003', 'warn', /left behind/],
  ['no bridge', bridge({ exists: false, isUp: false, addresses: [], ports: 0 }), 'IPAM-007', 'fail',
    /no bridge flatnet0, though containers run/],
  ['no bridge yet', bridge({ exists: false, isUp: false, addresses: [], ports: 0, isNeeded: false }),
    'IPAM-007', 'skip', /the first ADD makes it/],
  ['bridge down', bridge({ isUp: false }), 'IPAM-007', 'fail', /is down/],
  ['another address', bridge({ addresses: ['10.87.9.1/24'] }), 'IPAM-007', 'fail',
    /flatnet0 lacks 10\.87\.1\.1\/24; it has 10\.87\.9\.1\/24/],
  ['another link with that name',
    bridge({ obstacle: { problem: 'flatnet0 is an alternative name of the link eth0',
    remedy: 'ip link property delete dev eth0 altname flatnet0' } }), 'IPAM-007', 'fail',
    /alternative name of the link eth0: no container starts/],
  ['spanning tree', bridge({ hasStp: true }), 'IPAM-011', 'fail', /flatnet0 STP is on/],
  ['spanning tree that may be intended', bridge({ hasStp: true, otherPorts: ['eth1'] }), 'IPAM-011', 'warn',
    /eth1 is also a port of the bridge, so flatnet leaves STP on/],
  ['router advertisements', bridge({ acceptsAdvertisements: true }), 'IPAM-011', 'fail',
    /net\.ipv6\.conf\.flatnet0\.accept_ra is not 0/],
  ['a wrong MAC', bridge({ mac: '0a:59:0a:57:01:0a' }), 'IPAM-011', 'warn',
    /flatnet0 has MAC 0a:59:0a:57:01:0a instead of 0a:58:0a:57:01:01/],
  ['a link on no bridge', bridge({ strays: [stray] }), 'IPAM-008', 'fail',
    /c1 eth0 of network flatnet its link veth0 is on no bridge instead of flatnet0/],
  ['a link on another bridge', bridge({ strays: [{ ...stray, master: 'br9' }] }), 'IPAM-008', 'fail',
    /is on br9 instead of flatnet0/],
  ['ports', bridge({ ports: 819 }), 'IPAM-009', 'warn', /819 of 1023/],
  ['no port left', bridge({ ports: 1023 }), 'IPAM-009', 'fail', /1023 of 1023/],
  ['locked by a hanging process', ipam({ lock: { path: '/s/lock', ageSeconds: 60, pid: 7, fate: 'runs' } }),
    'IPAM-010', 'warn', /\/s\/lock last renewed 60 s ago: the holder, process 7, hangs/],
  ['locked by a process out of sight',
    ipam({ lock: { path: '/s/lock', ageSeconds: 60, pid: 7, fate: 'unknown' } }), 'IPAM-010', 'warn',
    /\/s\/lock last renewed 60 s ago: the holder hangs, or was killed/],
  ['lock left by a dead process', ipam({ lock: { path: '/s/lock', ageSeconds: 60, pid: 7, fate: 'ended' } }),
    'IPAM-010', 'ok', /has exited; the next call takes the lock/],
  ['locked for a moment', ipam({ lock: { path: '/s/lock', ageSeconds: 1, pid: 7, fate: 'runs' } }),
    'IPAM-010', 'ok', /a running call/],
  ['a program that listens on a published port', published({ contested: [nginx] }), 'IPAM-012', 'warn',
    /tcp 80 nginx \(process 412\) of this host listens on 0\.0\.0\.0:80, but the packets go to c1 eth0/],
  ['many such programs', published({ contested: Array.from({ length: 7 }, () => nginx) }), 'IPAM-012', 'warn',
    /; and 2 more$/],
  ['ports on an address that is not there',
    published({ absent: [absent('192.0.2.9', 80), absent('192.0.2.9', 81)] }), 'IPAM-013', 'warn',
    /^192\.0\.2\.9 tcp 192\.0\.2\.9:80 of c2 eth0 of network flatnet and 1 more cannot/],
  ['no port at all', published({ count: 0 }), 'IPAM-012', 'ok', /no port is published/],
  ['no port at all', published({ count: 0 }), 'IPAM-013', 'ok', /no port is published/],
] // prettier-ignore

await breakOneByOne(t, IPAM_ITEMS, { ipam: IPAM, bridge: BRIDGE, publishedPorts: PUBLISHED }, CASES)

t.test('a few leaked addresses do not hide that nearly all others are in use', async (t) => {
  const { roots } = reportOf(IPAM_ITEMS, {
    bridge: BRIDGE,
    publishedPorts: PUBLISHED,
    ...ipam({ leaks: many, ...use(210, 7) }),
  })
  t.same(roots, ['IPAM-003', 'IPAM-006'])
})

t.test('repairs say how they are undone', async (t) => {
  const strays = IPAM_ITEMS.find(({ id }) => id === 'IPAM-008')
  const facts = { bridge: { ...BRIDGE, strays: [{ ...stray, master: 'br9' }] } }
  const fix = strays?.fix?.(facts as never, { verdict: 'fail', subject: C1, seen: '' })
  t.same(fix, {
    kind: 'master',
    arguments: ['veth0', 'flatnet0'],
    what: 'put veth0 on flatnet0',
    undo: 'ip link set veth0 master br9',
  })
})
