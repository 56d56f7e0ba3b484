import t from 'tap'

import { formatPrefix, parsePrefix } from '../../../../src/addr/prefix.ts'
import { comparePrefixes } from '../../../../src/nebula/hosts/prefix-order.ts'

t.test('networks sort as nebula-cert sorts them', (t) => {
  const sorted = [
    '9.0.0.0/8',
    '10.0.0.0/8',
    '10.0.0.0/16',
    '10.0.1.0/24',
    '255.0.0.0/8',
    '::/0',
    '1::/64',
    'fd86::/64',
  ]
  const list = sorted.toReversed().flatMap((text) => parsePrefix(text) ?? [])
  t.same(list.sort(comparePrefixes).map(formatPrefix), sorted)
  for (const each of list) t.equal(comparePrefixes(each, { ...each }), 0)
  t.end()
})
