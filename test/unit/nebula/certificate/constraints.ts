import t from 'tap'

import { parsePrefix, type Prefix } from '../../../../src/addr/prefix.ts'
import { brokenConstraint } from '../../../../src/nebula/certificate/constraints.ts'
import { parseCertificates } from '../../../../src/nebula/certificate/parse.ts'
import { file } from '../fixtures/files.ts'

const [host] = parseCertificates(file('v1-161/host-a.crt'), 'f')
const [ca] = parseCertificates(file('v1-161/ca.crt'), 'f')
if (!host || !ca) throw new Error('the fixtures are empty')
const prefixes = (...texts: string[]): Prefix[] => texts.flatMap((text) => parsePrefix(text) ?? [])

t.test("a certificate must stay within its CA's limits", (t) => {
  const cases: readonly (readonly [says: string, limits: object, facts: object, broken?: string])[] = [
    ['no limits', {}, {}],
    ['the same end', { notAfter: 9 }, { notAfter: 9 }],
    ['a later end', { notAfter: 9 }, { notAfter: 10 }, 'notAfter'],
    ['the same start', { notBefore: 9 }, { notBefore: 9 }],
    ['an earlier start', { notBefore: 9 }, { notBefore: 8 }, 'notBefore'],
    ['an allowed group', { groups: ['a', 'b'] }, { groups: ['b'] }],
    ['no groups', { groups: ['a'] }, { groups: [] }],
    ['a group that is not allowed', { groups: ['a'] }, { groups: ['a', 'root'] }, '"root"'],
    ['an address inside', { networks: prefixes('10.86.0.0/16') }, { networks: prefixes('10.86.1.1/16') }],
    [
      'a longer prefix inside',
      { networks: prefixes('10.86.0.0/16') },
      { networks: prefixes('10.86.1.1/32') },
    ],
    [
      'a limit with host bits',
      { networks: prefixes('10.86.9.9/16') },
      { networks: prefixes('10.86.1.1/16') },
    ],
    [
      'a wider network',
      { networks: prefixes('10.86.0.0/16') },
      { networks: prefixes('10.86.1.1/15') },
      '10.86.1.1/15',
    ],
    [
      'an address outside',
      { networks: prefixes('10.86.0.0/16') },
      { networks: prefixes('10.99.1.1/16') },
      '10.99.1.1/16',
    ],
    [
      'one of two outside',
      { networks: prefixes('10.86.0.0/16') },
      { networks: prefixes('10.86.1.1/16', 'fd86::1/64') },
      'fd86::1/64',
    ],
    [
      'one limit of each family',
      { networks: prefixes('10.86.0.0/16', 'fd86::/64') },
      { networks: prefixes('10.86.1.1/16', 'fd86::1/64') },
    ],
    [
      'a subnet inside',
      { unsafeNetworks: prefixes('10.87.0.0/16') },
      { unsafeNetworks: prefixes('10.87.1.0/24') },
    ],
    ['no subnets', { unsafeNetworks: prefixes('10.87.0.0/16') }, { unsafeNetworks: [] }],
    [
      'a subnet outside',
      { unsafeNetworks: prefixes('10.87.0.0/16') },
      { unsafeNetworks: prefixes('10.88.1.0/24') },
      '10.88.1.0/24',
    ],
    [
      'the whole Internet',
      { unsafeNetworks: prefixes('10.87.0.0/16') },
      { unsafeNetworks: prefixes('0.0.0.0/0') },
      '0.0.0.0/0',
    ],
  ]
  for (const [says, limits, facts, broken] of cases) {
    const seen = brokenConstraint({ ...host, ...facts }, { ...ca, ...limits })
    if (broken === undefined) t.equal(seen, undefined, says)
    else t.ok(seen?.includes(broken), says, { seen })
  }
  t.end()
})
