import t from 'tap'
import { lanAddresses } from '../../../../src/provision/enrolment/lan-addresses.ts'
import { refuseWrongClock } from '../../../../src/provision/enrolment/clocks.ts'
import {
  invitationText,
  type Invitation,
  isSameHost,
  parseInvitation,
} from '../../../../src/provision/enrolment/invitation.ts'
import { parsePending, type Pending, pendingText } from '../../../../src/provision/enrolment/pending.ts'
import { secretOf } from '../../../../src/provision/enrolment/channel.ts'
import { isTarget, readTarget, targetText } from '../../../../src/provision/enrolment/target.ts'
import { countWrongCodes } from '../../../../src/provision/enrolment/wrong-codes.ts'

t.test('what join is given is a target or a file', async (t) => {
  const nothing = (): boolean => false
  for (const text of [
    '192.168.1.5',
    '192.168.1.5:4300',
    '[fd00::5]:4300',
    'fd00::5',
    'office.lan',
    'pc:4290',
  ])
    t.ok(isTarget(text, nothing), text)
  for (const text of ['host-a.flatnet', './192.168.1.5', '/media/usb/x', 'a b', '', '192.168.1.500', 'x:0'])
    t.notOk(isTarget(text, nothing), text)
  t.notOk(
    isTarget('office.lan', () => true),
    'a file that exists',
  )
  t.same(readTarget('192.168.1.5'), { host: '192.168.1.5', port: 4290 })
  t.same(readTarget('[fd00::5]:4300'), { host: 'fd00::5', port: 4300 })
  for (const text of ['192.168.1.5', '192.168.1.5:4300', '[fd00::5]:4300', 'fd00::5'])
    t.equal(targetText(readTarget(text) ?? { host: '', port: 0 }), text)
})

t.test('a clock may differ a little', async (t) => {
  for (const [host, office] of [
    [1000, 1000],
    [1000, 1060],
    [1300, 1000],
  ] as const)
    t.doesNotThrow(() => refuseWrongClock(host, office))
  for (const [host, office, says] of [
    [1000, 4600, /1 h 0 min behind the office's, so its certificate would not be valid yet/],
    [1000, 1061, /1 min behind/],
    [1301, 1000, /5 min ahead of the office's/],
    [0, 1_000_000, /11 days behind/],
  ] as const)
    t.throws(() => refuseWrongClock(host, office), { message: 'clocks differ', details: says })
})

t.test('each wrong code makes its own address wait longer, and no other', async (t) => {
  const counts = countWrongCodes()
  t.equal(counts.pauseMs('a'), 0)
  const pauses = Array.from({ length: 8 }, () => {
    counts.add('a')
    return counts.pauseMs('a')
  })
  t.same(pauses, [250, 500, 1000, 2000, 4000, 8000, 8000, 8000])
  t.equal(counts.pauseMs('b'), 0)
  t.equal(counts.total(), 8)
  for (let index = 0; index < 2000; index++) counts.add(String(index))
  t.equal(counts.pauseMs('a'), 0, 'addresses beyond a thousand are forgotten')
})

const INVITATION: Invitation = {
  host: {
    name: 'host-a',
    role: 'host',
    hasContainers: true,
    isGateway: true,
    groups: ['ci'],
    endpoints: [],
    isAgain: false,
  },
  code: 'babad',
  until: 1000,
  ledgerLength: 3,
  port: 4290,
  holder: '1-2-3-ab',
}
const PENDING: Pending = {
  identity: 'ab',
  curve: 'P256',
  key: 'SECRET',
  publicKey: 'public',
  bundle: undefined,
  isConfirmed: false,
}

t.test('files are read as they were written, and errors quote nothing', async (t) => {
  t.same(parseInvitation(invitationText(INVITATION), 'x'), INVITATION)
  t.same(parsePending(pendingText(PENDING), 'x'), PENDING)
  t.same(parsePending(pendingText({ ...PENDING, bundle: '{}' }), 'x'), { ...PENDING, bundle: '{}' })
  for (const change of [{ code: 1 }, { until: -1 }, { host: null }, { host: {} }, { version: 2 }])
    t.throws(() => parseInvitation(JSON.stringify({ ...INVITATION, version: 1, ...change }), 'x'), {
      name: 'CniError',
      details: /^x/,
    })
  for (const change of [{ key: 1 }, { version: 2 }, { bundle: 1 }]) {
    const read = (): unknown => parsePending(JSON.stringify({ version: 1, ...PENDING, ...change }), 'x')
    t.throws(read, { name: 'CniError', details: /^x: (?!.*SECRET)/ })
  }
  t.ok(isSameHost(INVITATION.host, { ...INVITATION.host }))
  t.notOk(isSameHost(INVITATION.host, { ...INVITATION.host, groups: [] }))
})

t.test('what a code stands for on the wire says nothing of it', async (t) => {
  const [one, two] = [secretOf(Buffer.alloc(16, 1)), secretOf(Buffer.alloc(16, 2))]
  t.match(one, { identity: /^[0-9a-f]{32}$/ })
  t.equal(one.key.length, 32)
  t.not(one.identity, two.identity)
  t.notOk(one.key.equals(two.key))
  t.notMatch(one.key.toString('hex'), one.identity)
})

t.test('the LAN comes first, and networks inside the machine do not count', async (t) => {
  const link = (ifname: string, local: string, scope = 'global'): object => ({
    ifname,
    flags: ['UP'],
    addr_info: [{ local, scope }],
  })
  const links = [
    link('lo', '127.0.0.1', 'host'),
    link('docker0', '172.17.0.1'),
    link('eth1', '10.0.0.1'),
    link('eth0', '192.168.1.5'),
    link('nebula1', '10.86.1.1'),
    { ...link('eth2', '10.1.0.1'), flags: [] },
  ]
  t.same(lanAddresses(links, 'eth0'), ['192.168.1.5', '10.0.0.1'])
  t.same(lanAddresses(links, undefined), ['10.0.0.1', '192.168.1.5'])
})
