import t from 'tap'
import { parsePrefix } from '../../../../src/addr/prefix.ts'
import { assign, assignmentsOf, type Wish } from '../../../../src/provision/office/assign.ts'
import { listHosts } from '../../../../src/provision/office/host-list.ts'
import type { LedgerEntry } from '../../../../src/provision/office/ledger.ts'
import type { NetworkPlan } from '../../../../src/provision/office/network-plan.ts'

function plan(pool = '10.87.0.0/16'): NetworkPlan {
  const networks = [parsePrefix('10.86.0.0/16'), parsePrefix(pool)]
  const [overlay, container] = networks
  if (overlay === undefined || container === undefined) throw new Error(pool)
  return {
    office: 'flatnet',
    families: [{ overlay, pool: container, subnetLength: 24 }],
    certificateVersion: 1,
    curve: 'CURVE25519',
    hostDays: 730,
  }
}

const AT = '2026-01-01T00:00:00.000Z'
const host = (name: string, more: Partial<Wish> = {}): Wish => ({
  name,
  role: 'host',
  hasContainers: true,
  isGateway: false,
  groups: [],
  endpoints: [],
  at: AT,
  ...more,
})
const lighthouse = (name: string): Wish =>
  host(name, { role: 'lighthouse', hasContainers: false, endpoints: ['192.168.1.5:4242'] })

function assignAll(wishes: readonly Wish[], on = plan()): readonly LedgerEntry[] {
  return wishes.reduce<readonly LedgerEntry[]>((entries, wish) => [...entries, assign(on, entries, wish)], [])
}

t.test('each gets the lowest free number, lighthouses apart', async (t) => {
  const entries = assignAll([
    lighthouse('lh-1'),
    host('a'),
    lighthouse('lh-2'),
    host('b', { groups: ['web', 'web'] }),
  ])
  t.match(entries, [
    { name: 'lh-1', overlay: ['10.86.0.1/16'], subnets: [], groups: [] },
    { name: 'a', overlay: ['10.86.1.1/16'], subnets: ['10.87.1.0/24'], groups: ['containers'] },
    { name: 'lh-2', overlay: ['10.86.0.2/16'], subnets: [] },
    { name: 'b', overlay: ['10.86.2.1/16'], subnets: ['10.87.2.0/24'], groups: ['containers', 'web'] },
  ])
  t.match(assign(plan(), entries, { ...lighthouse('both'), hasContainers: true }), {
    overlay: ['10.86.3.1/16'],
    subnets: ['10.87.3.0/24'],
  })
})

t.test('a gateway has its own subnet, and any number of them share the pool with all hosts', async (t) => {
  const gateway = (name: string): Wish => host(name, { isGateway: true })
  const entries = assignAll([lighthouse('lh'), host('a'), gateway('g-1'), gateway('g-2'), host('b')])
  t.match(entries.slice(2), [
    {
      name: 'g-1',
      overlay: ['10.86.2.1/16'],
      subnets: ['10.87.2.0/24'],
      gateway: true,
      groups: ['containers'],
    },
    { name: 'g-2', subnets: ['10.87.3.0/24'], gateway: true },
    { name: 'b', subnets: ['10.87.4.0/24'], gateway: false },
  ])
  t.match(listHosts(entries, 0), [{}, { gateway: false }, { gateway: true }, { gateway: true }, {}])
})

t.test('later entries change what a host has', async (t) => {
  const entries: readonly LedgerEntry[] = [
    ...assignAll([lighthouse('lh'), host('a'), host('b')]),
    { kind: 'gateway', at: AT, name: 'a', gateway: true },
    { kind: 'groups', at: AT, name: 'a', groups: ['containers', 'ci'] },
    { kind: 'gateway', at: AT, name: 'b', gateway: true },
    { kind: 'gateway', at: AT, name: 'b', gateway: false },
  ]
  t.match(assignmentsOf(entries), [
    { name: 'lh', endpoints: ['192.168.1.5:4242'] },
    { name: 'a', subnets: ['10.87.1.0/24'], gateway: true, groups: ['containers', 'ci'] },
    { name: 'b', gateway: false, groups: ['containers'] },
  ])
})

t.test('a taken name says how to go on', async (t) => {
  const entries = assignAll([host('a')])
  t.throws(() => assign(plan(), entries, host('a')), {
    message: 'name taken',
    details: /no certificate: an earlier command was stopped, or still runs.*host add a --again/,
  })
  const signed: LedgerEntry = {
    kind: 'sign',
    at: AT,
    name: 'a',
    fingerprint: 'x',
    notAfter: 1,
    certificate: 'y',
  }
  t.throws(() => assign(plan(), [...entries, signed], host('a')), {
    name: 'CniError',
    details: /a has 10\.86\.1\.1\/16 and a certificate signed at 2026.*--again/,
  })
})

t.test('a full pool is refused, and so is a plan that was narrowed after hosts were signed', async (t) => {
  const small = plan('10.87.0.0/22')
  const entries = assignAll([host('a'), host('b'), host('c')], small)
  t.throws(() => assign(small, entries, host('d')), {
    message: 'no number left',
    details: /all 3 host subnets of 10\.87\.0\.0\/22 were assigned/,
  })
  const wide = assignAll([host('a')])
  const moved = plan('10.87.0.0/17')
  const shifted = { ...moved, families: moved.families.map((family) => ({ ...family, subnetLength: 23 })) }
  const renumbered = wide.map((entry) =>
    entry.kind === 'assign' ? { ...entry, number: 9, subnets: ['10.87.2.0/24'] } : entry,
  )
  t.throws(() => assign(shifted, renumbered, host('b')), {
    message: 'network taken',
    details: /overlaps what a has/,
  })
})

t.test('the list tells what each certificate has left', async (t) => {
  const now = Date.UTC(2026, 0, 1) / 1000
  const day = 86_400
  const sign = (name: string, notAfter: number): LedgerEntry => ({
    kind: 'sign',
    at: AT,
    name,
    fingerprint: name,
    notAfter,
    certificate: 'x',
  })
  const entries = [
    ...assignAll([host('a'), host('b'), host('c'), host('d')]),
    sign('a', now - 10 * day),
    sign('a', now + 100 * day),
    sign('b', now + 20 * day),
    sign('c', now - day),
  ]
  t.match(listHosts(entries, now), [
    { name: 'a', notAfter: '2026-04-11T00:00:00.000Z', daysLeft: 100, state: 'valid' },
    { name: 'b', daysLeft: 20, state: 'expires soon' },
    { name: 'c', notAfter: '2025-12-31T00:00:00.000Z', daysLeft: -1, state: 'expired' },
    { name: 'd', daysLeft: null, state: 'unsigned', signedAt: null, notAfter: null },
  ])
})
