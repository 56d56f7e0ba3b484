import t from 'tap'
import {
  describeHostPort,
  isFor,
  overlap,
  type PortMapping,
  reachesLoopback,
} from '../../../../src/net/ports/mapping.ts'

const at = (hostIp?: string, more: Partial<PortMapping> = {}): PortMapping => ({
  protocol: 'tcp',
  hostPort: 80,
  containerPort: 8080,
  ...(hostIp === undefined ? {} : { hostIp }),
  ...more,
})

const pairs: [string, PortMapping, PortMapping, boolean][] = [
  ['the same port without an address', at(), at(), true],
  ['another port', at(), at(undefined, { hostPort: 81 }), false],
  ['another protocol', at(), at(undefined, { protocol: 'udp' }), false],
  ['all addresses and one', at(), at('127.0.0.1'), true],
  ['all of a family and one', at('0.0.0.0'), at('127.0.0.1'), true],
  ['all of a family and one of the other', at('0.0.0.0'), at('fd87::1'), false],
  ['all of both families each', at('0.0.0.0'), at('::'), false],
  ['two addresses', at('10.0.0.1'), at('10.0.0.2'), false],
]
for (const [name, a, b, expected] of pairs) {
  t.test(`${name}: ${expected ? 'conflict' : 'no conflict'}`, async (t) => {
    t.equal(overlap(a, b), expected)
    t.equal(overlap(b, a), expected)
  })
}

t.test("a mapping applies to its address's families", async (t) => {
  const cases: [PortMapping, boolean, boolean, boolean, string][] = [
    [at(), true, true, true, 'tcp 80'],
    [at('0.0.0.0'), true, false, true, 'tcp 0.0.0.0:80'],
    [at('127.0.0.2'), true, false, true, 'tcp 127.0.0.2:80'],
    [at('10.0.0.1'), true, false, false, 'tcp 10.0.0.1:80'],
    [at('::'), false, true, false, 'tcp [::]:80'],
    [at('fd87::1'), false, true, false, 'tcp [fd87::1]:80'],
  ]
  for (const [mapping, four, six, loopback, text] of cases)
    t.same(
      [isFor(mapping, 4), isFor(mapping, 6), reachesLoopback(mapping), describeHostPort(mapping)],
      [four, six, loopback, text],
    )
})
