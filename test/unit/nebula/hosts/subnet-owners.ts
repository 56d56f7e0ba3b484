import fc from 'fast-check'
import t from 'tap'

import { formatPrefix, networkOf, overlaps, parsePrefix, type Prefix } from '../../../../src/addr/prefix.ts'
import { type Candidate, grantSubnets } from '../../../../src/nebula/hosts/subnet-owners.ts'
import { holdsForAll } from '../fixtures/property.ts'

function claims(...texts: string[]): Candidate<string>[] {
  return texts.map((text) => {
    const [owner = '', prefixes = ''] = text.split(' ')
    const subnets = prefixes.split(',').flatMap((prefix) => parsePrefix(prefix) ?? [])
    return { owner, subnets }
  })
}

t.test('the first host gets the subnet, and a host that loses takes nothing away', (t) => {
  const cases: readonly (readonly [list: string[], lost: string[]])[] = [
    [[], []],
    [['a 10.87.1.0/24', 'b 10.87.2.0/24', 'c fd87::/64'], []],
    [['a 10.87.1.0/24', 'b 10.87.1.0/24'], ['b 10.87.1.0/24: a 10.87.1.0/24']],
    [['b 10.87.1.128/25', 'a 10.87.1.0/24'], ['a 10.87.1.0/24: b 10.87.1.128/25']],
    [['a 10.87.1.0/24,10.87.1.0/25'], []],
    [['a 10.87.0.0/16,10.87.1.0/24', 'b 10.87.1.0/25'], ['b 10.87.1.0/25: a 10.87.0.0/16']],
    [['a 10.87.1.0/24', 'b 10.87.9.0/24,10.87.1.0/24', 'c 10.87.9.0/24'], ['b 10.87.1.0/24: a 10.87.1.0/24']],
    [['a 0.0.0.0/0', 'b ::/0'], []],
  ]
  for (const [list, expected] of cases) {
    const seen = [...grantSubnets(claims(...list))].map(
      ([owner, { subnet, winner, taken }]) =>
        `${owner} ${formatPrefix(subnet)}: ${winner} ${formatPrefix(taken)}`,
    )
    t.same(seen, expected, list.join('; '))
  }
  t.end()
})

t.test('the losers are those that a comparison of all pairs finds', (t) => {
  const subnet = fc
    .record<Prefix>({
      family: fc.constant(4),
      value: fc.bigInt({ min: 0n, max: 255n }).map((value) => value << 24n),
      length: fc.integer({ min: 1, max: 8 }),
    })
    .map(networkOf)
  const lists = fc.array(fc.array(subnet, { maxLength: 3 }), { maxLength: 10 })
  holdsForAll(
    t,
    lists,
    (list) => {
      const granted: number[] = []
      for (const [index, subnets] of list.entries()) {
        const others = granted.flatMap((each) => list[each] ?? [])
        if (!subnets.some((mine) => others.some((other) => overlaps(mine, other)))) granted.push(index)
      }
      const lost = grantSubnets(list.map((subnets, owner) => ({ owner, subnets })))
      const fast = list.map((_, index) => index).filter((index) => !lost.has(index))
      if (fast.join() !== granted.join()) throw new Error(`${fast.join()} and ${granted.join()}`)
    },
    2000,
  )
  t.end()
})
