import fc from 'fast-check'
import t from 'tap'

import { formatPrefix, networkOf, overlaps, parsePrefix, type Prefix } from '../../../src/addr/prefix.ts'
import { type Claim, overlappingClaims } from '../../../src/nebula/claim.ts'
import { holdsForAll } from './fixtures/property.ts'

function claims(...texts: string[]): Claim<string>[] {
  return texts.map((text) => {
    const [owner = '', prefix = ''] = text.split(' ')
    const subnet = parsePrefix(prefix)
    if (subnet === undefined) throw new Error(text)
    return { owner, subnet }
  })
}

t.test('overlapping claims of different owners are paired, the outer first', (t) => {
  const cases: readonly (readonly [list: string[], pairs: string[]])[] = [
    [[], []],
    [['a 10.87.1.0/24', 'b 10.87.2.0/24', 'c fd87::/64'], []],
    [['a 10.87.1.0/24', 'b 10.87.1.0/24'], ['a 10.87.1.0/24, b 10.87.1.0/24']],
    [['b 10.87.1.128/25', 'a 10.87.1.0/24'], ['a 10.87.1.0/24, b 10.87.1.128/25']],
    [['a 10.87.1.0/24', 'a 10.87.1.0/25'], []],
    [['a 10.87.0.0/16', 'a 10.87.1.0/24', 'b 10.87.1.0/25'], ['a 10.87.1.0/24, b 10.87.1.0/25']],
    [
      ['a 10.87.0.0/16', 'b 10.87.1.0/24', 'c 10.87.2.0/24'],
      ['a 10.87.0.0/16, b 10.87.1.0/24', 'a 10.87.0.0/16, c 10.87.2.0/24'],
    ],
    [['a 0.0.0.0/0', 'b ::/0'], []],
  ]
  for (const [list, pairs] of cases) {
    const seen = overlappingClaims(claims(...list)).map((pair) =>
      pair.map(({ owner, subnet }) => `${owner} ${formatPrefix(subnet)}`).join(', '),
    )
    t.same(seen, pairs, list.join('; '))
  }
  t.end()
})

t.test('the owners found are those that comparing everyone with everyone finds', (t) => {
  const subnet = fc
    .record<Prefix>({
      family: fc.constant(4),
      value: fc.bigInt({ min: 0n, max: 255n }).map((value) => value << 24n),
      length: fc.integer({ min: 1, max: 8 }),
    })
    .map(networkOf)
  const claim = fc.record({ owner: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), subnet })
  holdsForAll(
    t,
    fc.array(claim, { maxLength: 12 }),
    (list) => {
      const fast = new Set(overlappingClaims(list).flatMap((pair) => pair.map(({ owner }) => owner)))
      const slow = new Set(
        list
          .filter((mine) =>
            list.some((other) => other.owner !== mine.owner && overlaps(other.subnet, mine.subnet)),
          )
          .map(({ owner }) => owner),
      )
      if ([...fast].sort().join('') !== [...slow].sort().join(''))
        throw new Error(`${[...fast].join()} and ${[...slow].join()}`)
    },
    2000,
  )
  t.end()
})
