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
  addresses: ['10.87.1.1/24'],
  wantedAddresses: ['10.87.1.1/24'],
  ports: 2,
  strays: [],
  isNeeded: true,
}
const ipam = (change: Partial<typeof IPAM> | object): Some => ({ ipam: { ...IPAM, ...change } })
const bridge = (change: Partial<typeof BRIDGE> | object): Some => ({ bridge: { ...BRIDGE, ...change } })
const use = (leased: number, leaked = 0): object => ({
  subnets: [{ subnet: '10.87.1.0/24', size: 245, leased, leaked }],
})
const leased = (count: number): Some => ipam(use(count))
const stray = { link: 'veth0', attachment: C1, bridge: 'flatnet0', master: undefined }
const many = Array.from({ length: 7 }, (_, index) => ({ what: `lease ${String(index)}`, why: 'gone' }))

const CASES: readonly Case[] = [
  ['written by a later version', ipam({ foreign: [{ path: '/s/x', version: '2' }] }), 'IPAM-001', 'fail', /\/s 1 files are of another version, the first is \/s\/x \(version 2\)/],
  ['damaged', ipam({ damaged: [{ path: '/s/y', problem: 'not JSON' }] }), 'IPAM-002', 'fail', /\/s\/y damaged: not JSON/],
  ['left behind', ipam({ leaks: many.slice(0, 1) }), 'IPAM-003', 'warn', /1 left behind; lease 0: gone/],
  ['much left behind', ipam({ leaks: many }), 'IPAM-003', 'warn', /7 left behind; .*lease 4: gone; and 2 more$/],
  ['one address twice', ipam({ claims: [...IPAM.claims, { address: '10.87.1.10', holder: C2 }] }), 'IPAM-004', 'fail', /10\.87\.1\.10 held by c1 eth0 of network flatnet and by c2/],
  ['no lease', ipam({ withoutLease: [{ address: '10.87.1.10', holder: C1 }] }), 'IPAM-004', 'fail', /10\.87\.1\.10 c1 .* lease is missing/],
  ['of an earlier certificate', ipam({ claims: [{ address: '10.87.9.10', holder: C1 }] }), 'IPAM-005', 'fail', /10\.87\.9\.10 c1 .* outside 10\.87\.1\.0\/24/],
  ['four fifths used', leased(196), 'IPAM-006', 'warn', /10\.87\.1\.0\/24 196 of 245 addresses in use \(80 %\)/],
  ['a little less', leased(195), 'IPAM-006', 'ok', /79 %/],
  ['full', leased(245), 'IPAM-006', 'fail', /245 of 245/],
  ['full of what is gone', ipam({ leaks: many, ...use(200, 7) }), 'IPAM-003', 'warn', /left behind/],
  ['no bridge', bridge({ exists: false, isUp: false, addresses: [], ports: 0 }), 'IPAM-007', 'fail', /no bridge flatnet0, though containers run/],
  ['no bridge yet', bridge({ exists: false, isUp: false, addresses: [], ports: 0, isNeeded: false }), 'IPAM-007', 'skip', /the first container makes it/],
  ['bridge down', bridge({ isUp: false }), 'IPAM-007', 'fail', /is down/],
  ['another address', bridge({ addresses: ['10.87.9.1/24'] }), 'IPAM-007', 'fail', /address 10\.87\.1\.1\/24 is missing, it has 10\.87\.9\.1\/24/],
  ['a link beside it', bridge({ strays: [stray] }), 'IPAM-008', 'fail', /c1 eth0 of network flatnet its link veth0 is on no bridge in place of flatnet0/],
  ['a link on another', bridge({ strays: [{ ...stray, master: 'br9' }] }), 'IPAM-008', 'fail', /is on br9 in place of flatnet0/],
  ['ports', bridge({ ports: 819 }), 'IPAM-009', 'warn', /819 of 1023/],
  ['no port left', bridge({ ports: 1023 }), 'IPAM-009', 'fail', /1023 of 1023/],
  ['left locked', ipam({ lock: { path: '/s/lock', ageSeconds: 60 } }), 'IPAM-010', 'warn', /\/s\/lock was renewed 60 s ago/],
  ['locked for a moment', ipam({ lock: { path: '/s/lock', ageSeconds: 1 } }), 'IPAM-010', 'ok', /at work/],
] // prettier-ignore

void breakOneByOne(t, IPAM_ITEMS, { ipam: IPAM, bridge: BRIDGE }, CASES)

t.test('a few addresses left behind do not hide that nearly all of the others are in use', async (t) => {
  const { roots } = reportOf(IPAM_ITEMS, { bridge: BRIDGE, ...ipam({ leaks: many, ...use(210, 7) }) })
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
