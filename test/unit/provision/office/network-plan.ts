import t from 'tap'
import { formatPrefix, parsePrefix, type Prefix } from '../../../../src/addr/prefix.ts'
import { CniError } from '../../../../src/cni/error.ts'
import {
  checkedPlan,
  highestNumber,
  hostSubnetsOf,
  mostWithoutContainers,
  type NetworkPlan,
  overlayAddresses,
  parsePlan,
  placedAddresses,
  planJson,
  uniqueLocalPlan,
} from '../../../../src/provision/office/network-plan.ts'

function prefix(text: string): Prefix {
  const found = parsePrefix(text)
  if (found === undefined) throw new Error(text)
  return found
}

function plan(overlay: string, pool: string, subnetLength: number): NetworkPlan {
  return {
    office: 'flatnet',
    families: [{ overlay: prefix(overlay), pool: prefix(pool), subnetLength }],
    certificateVersion: 1,
    curve: 'CURVE25519',
    hostDays: 730,
  }
}

const USUAL = plan('10.86.0.0/16', '10.87.0.0/16', 24)

t.test('numbers become addresses that people can read', async (t) => {
  const cases: readonly (readonly [plan: NetworkPlan, number: number, overlay: string, subnet: string])[] = [
    [USUAL, 1, '10.86.1.1/16', '10.87.1.0/24'],
    [USUAL, 255, '10.86.255.1/16', '10.87.255.0/24'],
    [plan('10.40.0.0/16', '10.41.0.0/20', 24), 15, '10.40.15.1/16', '10.41.15.0/24'],
    [plan('10.40.0.0/22', '10.41.0.0/16', 24), 3, '10.40.0.13/22', '10.41.3.0/24'],
    [plan('172.30.0.0/24', '172.31.0.0/24', 28), 2, '172.30.0.33/24', '172.31.0.32/28'],
  ]
  for (const [each, number, overlay, subnet] of cases) {
    t.same(overlayAddresses(each, number).map(formatPrefix), [overlay])
    t.same(hostSubnetsOf(each, number).map(formatPrefix), [subnet])
  }
  t.same(placedAddresses(USUAL, 1).map(formatPrefix), ['10.86.0.1/16'])
  t.equal(highestNumber(USUAL), 255)
  t.equal(mostWithoutContainers(USUAL), 254)
})

t.test('no two numbers share an address', async (t) => {
  for (const each of [
    USUAL,
    plan('10.40.0.0/22', '10.41.0.0/16', 24),
    plan('10.40.0.0/24', '10.41.0.0/18', 24),
  ]) {
    const texts = [
      ...Array.from({ length: mostWithoutContainers(each) }, (_, at) => placedAddresses(each, at + 1)),
      ...Array.from({ length: highestNumber(each) }, (_, at) => overlayAddresses(each, at + 1)),
    ].flatMap((all) => all.map(formatPrefix))
    t.equal(new Set(texts).size, texts.length)
  }
})

t.test('IPv6 is a private prefix of its own, overlay and pool apart', async (t) => {
  const six = uniqueLocalPlan(Uint8Array.from([0x12, 0x34, 0x56, 0x78, 0x9a]))
  t.equal(formatPrefix(six.overlay), 'fd12:3456:789a::/64')
  t.equal(formatPrefix(six.pool), 'fd12:3456:789a:8000::/49')
  const both = checkedPlan({ ...USUAL, certificateVersion: 2, families: [...USUAL.families, six] }, 'plan')
  t.same(overlayAddresses(both, 2).map(formatPrefix), ['10.86.2.1/16', 'fd12:3456:789a::2:1/64'])
  t.same(hostSubnetsOf(both, 2).map(formatPrefix), ['10.87.2.0/24', 'fd12:3456:789a:8002::/64'])
  t.equal(highestNumber(both), 255)
})

t.test('networks that do not fit together are refused by name', async (t) => {
  const six = uniqueLocalPlan(Uint8Array.from([1, 2, 3, 4, 5]))
  const cases: readonly (readonly [plan: NetworkPlan, says: RegExp])[] = [
    [
      plan('10.86.0.0/16', '10.86.128.0/17', 24),
      /pool: 10\.86\.128\.0\/17 and the overlay network 10\.86\.0\.0\/16 overlap/,
    ],
    [plan('10.0.0.0/8', '10.87.0.0/16', 24), /overlap/],
    [plan('10.86.0.1/16', '10.87.0.0/16', 24), /overlay: host bits set in 10\.86\.0\.1\/16/],
    [plan('10.86.0.0/16', '10.87.0.0/16', 16), /host subnet: \/16 is not a part of/],
    [plan('10.86.0.0/16', '10.87.0.0/16', 30), /choose \/17 to \/29/],
    [plan('10.86.0.0/24', '10.87.0.0/16', 24), /overlay: 10\.86\.0\.0\/24 has too few addresses/],
    [{ ...USUAL, families: [six] }, /needs an IPv4 overlay/],
    [{ ...USUAL, certificateVersion: 'both', families: [...USUAL.families, six] }, /IPv6 needs certificates/],
    [{ ...USUAL, families: [...USUAL.families, six] }, /IPv6 needs certificates of version 2/],
  ]
  for (const [each, says] of cases)
    t.throws(() => checkedPlan(each, 'plan'), { name: 'CniError', details: says })
})

t.test('a plan is read as it was written, and refused otherwise', async (t) => {
  t.same(parsePlan(planJson(USUAL), 'plan.json'), USUAL)
  const cases: readonly (readonly [change: object, says: RegExp])[] = [
    [{ version: 2 }, /plan\.json: version: needs 1, got 2; a newer flatnet-cni wrote it/],
    [{ overlay: 'x' }, /overlay: needs a list/],
    [{ overlay: [] }, /one item per family/],
    [{ pool: ['10.87.0.0'] }, /pool: needs networks/],
    [{ office: '../x' }, /office: needs 1 to 64/],
    [{ curve: 'X' }, /curve/],
    [{ hostDays: 0 }, /hostDays/],
    [{ more: 1 }, /more/],
  ]
  for (const [change, says] of cases) {
    const refusal = t.throws(() => parsePlan({ ...planJson(USUAL), ...change }, 'plan.json'), {
      name: 'CniError',
      details: says,
    })
    t.ok(refusal instanceof CniError)
  }
})
