import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'

import { parsePrefix, type Prefix } from '../../../../src/addr/prefix.ts'
import { parseSettings, type Settings } from '../../../../src/config/settings.ts'
import type { Identity } from '../../../../src/host/identity/identity.ts'
import { loadPeers } from '../../../../src/host/identity/peers.ts'
import { fingerprints } from '../../../../src/nebula/certificate/fingerprint.ts'
import { parseCertificates } from '../../../../src/nebula/certificate/parse.ts'
import { rememberBlocklist } from '../../../../src/state/agent/blocklist.ts'
import { storeLearnt } from '../../../../src/state/agent/learnt-peers.ts'
import { CA_PEM, forgedPem, type HostFacts, hostPem, strangerPem } from '../../../fixtures/certificates.ts'

const NOW = Date.UTC(2030, 0, 1) / 1000
const at = (year: number): number => Date.UTC(year, 0, 1) / 1000

const prefixes = (...texts: string[]): readonly Prefix[] => texts.flatMap((text) => parsePrefix(text) ?? [])

const IDENTITY: Identity = {
  name: 'host-a',
  overlay: prefixes('10.86.1.1/16'),
  subnets: prefixes('10.87.1.0/24'),
  fingerprint: '0'.repeat(64),
  warnings: [],
  notBefore: at(2021),
  notAfter: at(2050),
}

interface Folders {
  readonly settings: Settings
  /** Puts a certificate into the operator's folder. */
  readonly give: (name: string, pem: string) => void
  /** Stores one as the agent does; returns its fingerprint. */
  readonly learn: (pem: string, from?: string) => string
}

function folders(t: Test): Folders {
  const folder = t.testdir({ 'ca.crt': CA_PEM, peers: {} })
  const object = {
    nebula: { ca: `${folder}/ca.crt` },
    peers: `${folder}/peers`,
    agent: { dataDir: `${folder}/data` },
  }
  return {
    settings: parseSettings([{ object, source: 'test' }]),
    give: (name, pem) => writeFileSync(join(folder, 'peers', name), pem),
    learn: (pem, from = '10.86.0.1') => {
      const [certificate] = parseCertificates(pem, 'test')
      const fingerprint = certificate?.fingerprint ?? ''
      storeLearnt(`${folder}/data`, [{ fingerprint, pem }], from)
      return fingerprint
    },
  }
}

const host = (number: number, facts: Partial<HostFacts> = {}): string =>
  hostPem({
    name: `host-${String(number)}`,
    overlay: [`10.86.${String(number)}.1/16`],
    subnets: [`10.87.${String(number)}.0/24`],
    notBefore: at(2022),
    ...facts,
  })

t.test('configured and learnt peers are both listed, each with its source', (t) => {
  const { settings, give, learn } = folders(t)
  give('b.crt', host(2))
  const fingerprint = learn(host(3))
  learn(host(9, { subnets: [] }), '10.86.2.1')
  const peers = loadPeers(settings, IDENTITY, NOW)
  const accepted = peers.accepted.toSorted((one, other) => one.name.localeCompare(other.name))
  t.match(accepted, [
    { name: 'host-2', source: `${settings.peers}/b.crt`, learnt: false },
    { name: 'host-3', source: 'learnt from 10.86.0.1', learnt: true, fingerprint },
    { name: 'host-9', source: 'learnt from 10.86.2.1', subnets: [] },
  ])
  t.equal(accepted[0]?.publicKey.length, 32)
  t.same(peers.refused, [])
  t.same(peers.outdated, [])
  t.end()
})

t.test('of several certificates of one host the latest counts, in either folder', (t) => {
  const { settings, give, learn } = folders(t)
  const renewed = host(2, { notBefore: at(2023) })
  give('b.crt', host(2))
  learn(renewed)
  const older = learn(host(3))
  give('c.crt', host(3, { notBefore: at(2024) }))
  const peers = loadPeers(settings, IDENTITY, NOW)
  const accepted = peers.accepted.toSorted((one, other) => one.name.localeCompare(other.name))
  t.same(
    accepted.map(({ name, learnt, notBefore }) => [name, learnt, notBefore]),
    [
      ['host-2', true, at(2023)],
      ['host-3', false, at(2024)],
    ],
  )
  t.same(peers.outdated, [older])
  t.same(peers.refused, [], 'no problem')
  t.ok(peers.isSettled)
  const twice = folders(t)
  twice.give('b.crt', renewed)
  const copy = twice.learn(renewed)
  t.match(loadPeers(twice.settings, IDENTITY, NOW), { accepted: [{ learnt: false }], outdated: [copy] })
  t.end()
})

t.test('a clock a day ahead costs no learnt certificate', (t) => {
  const { settings, learn } = folders(t)
  const day = 86_400
  learn(host(2, { notAfter: NOW + 3600 }))
  const names = (now: number) => loadPeers(settings, IDENTITY, now).accepted.map(({ name }) => name)
  t.same(names(NOW), ['host-2'])
  t.match(loadPeers(settings, IDENTITY, NOW + day), { accepted: [], known: [], outdated: [] })
  t.same(names(NOW), ['host-2'], 'back when the clock is corrected')
  t.match(loadPeers(settings, IDENTITY, NOW - 20 * 365 * day), { accepted: [], outdated: [] }, 'behind')
  t.same(loadPeers(settings, IDENTITY, NOW + 900 * day).outdated, [], 'years ahead')
  t.end()
})

t.test('an older certificate of a host does not return when the latest one expires', (t) => {
  const { settings, give, learn } = folders(t)
  const latest = learn(host(2, { notBefore: at(2029), notAfter: NOW - 1 }))
  const older = learn(host(2))
  give('c.crt', host(3, { notBefore: at(2029), notAfter: NOW - 1 }))
  learn(host(3))
  t.match(loadPeers(settings, IDENTITY, NOW - 2).accepted, [{ notBefore: at(2029) }, { notBefore: at(2029) }])
  const peers = loadPeers(settings, IDENTITY, NOW)
  t.same([peers.accepted, peers.known], [[], []])
  t.equal(peers.ended.length, 2)
  t.equal(peers.outdated.length, 2)
  t.ok(peers.outdated.includes(older))
  t.match(peers.refused, [{ peer: 'c.crt', kind: 'expired' }])
  learn(host(2, { notBefore: NOW - 60 }))
  const renewed = loadPeers(settings, IDENTITY, NOW)
  t.match(renewed.accepted, [{ name: 'host-2', notBefore: NOW - 60 }])
  t.ok(renewed.outdated.includes(latest), 'the expired one goes with the first newer one')
  t.end()
})

t.test('an expired certificate keeps no other host from its addresses', (t) => {
  const { settings, learn } = folders(t)
  learn(host(2, { notAfter: NOW - 1 }))
  learn(host(7, { overlay: ['10.86.2.1/16'], subnets: ['10.87.2.0/24'], notBefore: at(2029) }))
  const peers = loadPeers(settings, IDENTITY, NOW)
  t.match(peers.accepted, [{ name: 'host-7' }])
  t.ok(peers.isSettled)
  t.end()
})

t.test('peers are settled unless one is refused or not valid yet', (t) => {
  const isSettled = (prepare: (folder: ReturnType<typeof folders>) => void): boolean => {
    const each = folders(t)
    prepare(each)
    return loadPeers(each.settings, IDENTITY, NOW).isSettled
  }
  t.ok(isSettled(() => undefined))
  t.ok(isSettled(({ give, learn }) => [give('b.crt', host(2)), learn(host(3))]))
  t.notOk(isSettled(({ learn }) => learn(host(3, { notBefore: at(2040) }))))
  t.notOk(isSettled(({ give }) => give('b.crt', 'garbage')))
  t.notOk(isSettled(({ give }) => [give('b.crt', host(2)), give('c.crt', host(2, { name: 'host-7' }))]))
  t.end()
})

t.test(
  'useless learnt certificates are dropped silently; configured ones are refused with the reason',
  (t) => {
    const { settings, give, learn } = folders(t)
    const pems: Readonly<Record<string, string>> = {
      'expired.crt': host(2, { notAfter: at(2025) }),
      'stranger.crt': strangerPem({ name: 'host-3' }),
      'forged.crt': forgedPem({ name: 'host-4' }),
    }
    const outdated = Object.values(pems).map((pem) => learn(pem))
    learn(host(5, { notBefore: at(2040) }))
    for (const [name, pem] of Object.entries(pems)) give(name, pem)
    const wrong = 'f'.repeat(64)
    const damaged = { fingerprint: 'e'.repeat(64), pem: 'garbage' }
    storeLearnt(settings.dataDir, [{ fingerprint: wrong, pem: host(6) }, damaged], '')
    const peers = loadPeers(settings, IDENTITY, NOW)
    t.same(peers.accepted, [])
    t.same(
      peers.outdated.toSorted(),
      [...outdated, wrong, 'e'.repeat(64)].sort(),
      'one that is not valid yet stays; an expired one does not beside its copy',
    )
    t.match(peers.refused, [
      { peer: 'expired.crt', reason: /NotAfter: expired/ },
      { peer: 'forged.crt', reason: /Signature: does not match/ },
      { peer: 'stranger.crt', reason: /is not in/ },
    ])
    t.end()
  },
)

t.test('blocklisted certificates are refused, with the given list or the one the agent left', (t) => {
  const { settings, give, learn } = folders(t)
  give('b.crt', host(2))
  const learnt = learn(host(3))
  const [given] = loadPeers(settings, IDENTITY, NOW).known
  const list = new Set([given?.fingerprint ?? '', learnt])
  t.match(loadPeers(settings, IDENTITY, NOW, list), {
    accepted: [],
    refused: [{ peer: 'b.crt', reason: /is on the blocklist/ }],
    outdated: [learnt],
  })
  rememberBlocklist(settings.dataDir, list)
  t.same(loadPeers(settings, IDENTITY, NOW).accepted, [])
  t.equal(loadPeers(settings, IDENTITY, NOW, new Set()).accepted.length, 2)
  t.end()
})

t.test('P256 certificates are blocked under both of their fingerprints', (t) => {
  const root = new URL('../../../fixtures/nebula-certs/v2-1110-p256/', import.meta.url).pathname
  const object = { nebula: { ca: `${root}ca.crt` }, peers: root, agent: { dataDir: t.testdir() } }
  const settings = parseSettings([{ object, source: 'test' }])
  const other = { ...IDENTITY, name: 'host-z', overlay: prefixes('10.86.9.1/16'), subnets: [] }
  const [peer] = loadPeers(settings, other, NOW).accepted
  t.ok(peer)
  const [certificate] = parseCertificates(peer?.pem ?? '', 'x')
  if (certificate === undefined) throw new Error('no certificate')
  const listed = fingerprints(certificate)
  t.equal(listed.length, 2)
  for (const each of listed) t.same(loadPeers(settings, other, NOW, new Set([each])).accepted, [])
  t.end()
})

t.test('a newer host with a subnet in use is refused, and both are reported to all hosts', (t) => {
  const { settings, learn } = folders(t)
  learn(host(2))
  learn(host(3, { subnets: ['10.87.2.0/25'], notBefore: at(2023) }))
  learn(host(4, { subnets: ['10.87.1.0/24'], notBefore: at(2023) }))
  learn(hostPem({ name: 'other', subnets: ['10.87.7.0/24'], notBefore: at(2023) }))
  learn(hostPem({ notBefore: at(2020) + 60 }))
  const peers = loadPeers(settings, IDENTITY, NOW)
  t.same(
    peers.accepted.map(({ name }) => name),
    ['host-2'],
  )
  t.same(
    peers.refused.toSorted((a, b) => (a.peer < b.peer ? -1 : 1)),
    [
      {
        peer: 'host-3',
        reason:
          'its subnet 10.87.2.0/25 overlaps 10.87.2.0/24 of "host-2", whose certificate was issued first',
        kind: 'clash',
      },
      { peer: 'host-4', reason: "its subnet 10.87.1.0/24 overlaps this host's 10.87.1.0/24", kind: 'clash' },
      { peer: 'other', reason: "its overlay address is this host's own", kind: 'clash' },
    ],
  )
  t.equal(peers.known.length, 4, 'refused certificates are passed on, so that every host can refuse them')
  t.equal(peers.outdated.length, 1, 'an old certificate of our own')
  t.equal(peers.ownRefused, undefined)
  const late = loadPeers(settings, { ...IDENTITY, notBefore: at(2024) }, NOW)
  t.match(late.ownRefused, /10\.87\.1\.0\/24 of "host-4", whose certificate was issued first/)
  t.end()
})

t.test('neither folder needs to exist', (t) => {
  const { settings } = folders(t)
  mkdirSync(settings.dataDir)
  t.match(loadPeers({ ...settings, peers: '/nowhere' }, IDENTITY, NOW), {
    accepted: [],
    refused: [],
    outdated: [],
  })
  t.end()
})
