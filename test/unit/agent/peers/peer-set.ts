import t from 'tap'

import { makePeerSet, type PeerSet } from '../../../../src/agent/peers/peer-set.ts'
import { type AgentSettings, AGENT_DEFAULTS } from '../../../../src/config/agent-settings.ts'
import { A, type AgentHost, B, contactOf } from '../../../fixtures/agent/peer.ts'

const C: AgentHost = { number: 3 }
const LIGHTHOUSE: AgentHost = { number: 9, name: 'lighthouse', subnets: [] }

function setOf(...others: readonly AgentHost[]): PeerSet {
  const set = makePeerSet(() => AGENT_DEFAULTS)
  set.update(others.map((other) => contactOf(A, other)))
  return set
}
const names = (set: PeerSet): readonly string[] => [...set.all()].map(({ contact }) => contact.facts.name)

t.test('peers join and leave', (t) => {
  const set = setOf(B, C)
  t.same(names(set), ['host-2', 'host-3'])
  const { joined, left, renewed } = set.update([contactOf(A, C), contactOf(A, { number: 4 })])
  t.same(
    [joined, left, renewed].map((some) => some.map(({ contact }) => contact.facts.name)),
    [['host-4'], ['host-2'], []],
  )
  t.same(names(set), ['host-3', 'host-4'])
  t.same(set.byWireName.get('2'.repeat(16)), undefined, 'its late messages are from an unknown host')
  t.equal(set.byWireName.get('4'.repeat(16)), joined[0])
  t.end()
})

t.test('a peer with a new certificate keeps its measurements under its new wire name', (t) => {
  const set = setOf(B)
  const [before] = [...set.all()]
  const newer = contactOf(A, { ...B, fingerprint: 'ab'.repeat(32) })
  const { joined, left, renewed } = set.update([newer])
  t.same([joined, left], [[], []])
  t.equal(renewed[0], before)
  t.equal(before?.contact, newer)
  t.same([...set.byWireName.keys()], ['ab'.repeat(8)])
  t.same(set.update([newer]).renewed, [], 'reported once')
  t.end()
})

t.test('new sizes of the loss windows apply to existing peers', (t) => {
  const { escalation } = AGENT_DEFAULTS
  let settings: AgentSettings = AGENT_DEFAULTS
  const set = makePeerSet(() => settings)
  const contacts = [contactOf(A, B)]
  const [peer] = set.update(contacts).joined
  const before = peer?.lanes.p2p.window
  set.update(contacts)
  t.equal(peer?.lanes.p2p.window, before, 'unchanged sizes keep the measurements')
  settings = { ...settings, escalation: { ...escalation, lossLong: { probes: 80, most: 0.1 } } }
  set.update(contacts)
  for (const lane of ['tunnel', 'p2p', 'gateway'] as const)
    t.same(peer?.lanes[lane].window.sizes, { short: 20, long: 80 })
  t.end()
})

t.test('a peer is found by name, by overlay address and by any address of its subnet', (t) => {
  const dual: AgentHost = {
    ...C,
    overlay: ['10.86.3.1', 'fd86::3'],
    subnets: ['10.87.3.0/24', 'fd87:0:0:3::/64'],
  }
  const set = setOf(B, dual, LIGHTHOUSE)
  const cases: readonly (readonly [text: string, name: string])[] = [
    ['host-2', 'host-2'],
    ['lighthouse', 'lighthouse'],
    ['10.86.2.1', 'host-2'],
    ['10.87.2.77', 'host-2'],
    ['fd86::3', 'host-3'],
    ['FD87:0:0:3:0:0:0:77', 'host-3'],
  ]
  for (const [text, name] of cases) t.equal(set.find(text).contact.facts.name, name, text)
  t.end()
})

t.test('the rules are those of the command line, including the beginning of a name', (t) => {
  const set = setOf({ ...B, name: 'twin' }, { ...C, name: 'twin' }, LIGHTHOUSE)
  t.equal(set.find('light').contact.facts.name, 'lighthouse')
  t.throws(() => set.find('host-x'), {
    code: 7,
    message: 'unknown peer "host-x"',
    details: /lighthouse, twin, twin/,
  })
  t.throws(() => setOf().find('host-2'), { code: 7, details: 'this host knows no peer' })
  t.throws(() => set.find('twin'), { code: 7, details: /give the overlay address of one/ })
  t.equal(set.find('10.86.3.1').contact.id, '10.86.3.1')
  t.end()
})
