import t from 'tap'
import type { Listener } from '../../../../src/ip/proc-sockets.ts'
import type { PortMapping } from '../../../../src/net/ports/mapping.ts'
import { areRivals, describeListener } from '../../../../src/net/ports/rivals.ts'
import { ip } from '../../../fixtures/addresses.ts'

const at = (address: string, more: Partial<Listener> = {}): Listener => ({
  protocol: 'tcp',
  address: ip(address),
  port: 80,
  inode: '7',
  ...more,
})
const published = (hostIp?: string, more: Partial<PortMapping> = {}): PortMapping => ({
  protocol: 'tcp',
  hostPort: 80,
  containerPort: 8080,
  ...(hostIp === undefined ? {} : { hostIp }),
  ...more,
})

const cases: [string, PortMapping, Listener, boolean][] = [
  ['the same wildcard', published('0.0.0.0'), at('0.0.0.0'), true],
  ['all addresses and one', published(), at('127.0.0.1'), true],
  ['one and all addresses', published('10.0.0.1'), at('0.0.0.0'), true],
  ['the same address', published('10.0.0.1'), at('10.0.0.1'), true],
  ['two addresses', published('10.0.0.1'), at('10.0.0.2'), false],
  ['another port', published(), at('0.0.0.0', { port: 81 }), false],
  ['another protocol', published(undefined, { protocol: 'udp' }), at('0.0.0.0'), false],
  ['SCTP', published(undefined, { protocol: 'sctp' }), at('0.0.0.0'), false],
  ['a listener on both families', published('10.0.0.1'), at('::'), true],
  ['a listener on IPv6 only', published('0.0.0.0'), at('::', { inet6Only: true }), false],
  ['an IPv6 address and all of IPv4', published('0.0.0.0'), at('fd77::1'), false],
]
for (const [name, mapping, listener, expected] of cases) {
  t.test(`${name}: ${expected ? 'rivals' : 'no rivals'}`, async (t) => {
    t.equal(areRivals(mapping, [4], listener), expected)
  })
}

t.test("only the container's families count", async (t) => {
  t.equal(areRivals(published(), [4], at('::1')), false)
  t.equal(areRivals(published(), [4, 6], at('::1')), true)
  t.equal(areRivals(published('::'), [4], at('0.0.0.0')), false, 'a mapping that is published nowhere')
  t.equal(areRivals(published(), [6], at('::', { inet6Only: true })), true)
})

t.test('a listener is written the way people write it', async (t) => {
  t.equal(describeListener(at('0.0.0.0')), '0.0.0.0:80')
  t.equal(describeListener(at('::1')), '[::1]:80')
})
