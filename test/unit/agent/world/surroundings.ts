import t from 'tap'

import { surroundingsOf } from '../../../../src/agent/world/surroundings.ts'
import type { World } from '../../../../src/agent/world/world.ts'
import { AGENT_DEFAULTS } from '../../../../src/config/agent-settings.ts'
import type { HostNetwork } from '../../../../src/host/network/network.ts'
import { ip } from '../../../fixtures/addresses.ts'
import { A, B, peerOf } from '../../../fixtures/agent/peer.ts'

const NETWORK: HostNetwork = {
  nebulaDev: 'nebula1',
  mtuBytes: 1300,
  gateways: [{ via: ip('192.168.1.1'), dev: 'eth0' }],
  peerGateways: new Map(),
  bridgeAddresses: [],
  earlierSubnets: [],
}
const around = (
  changes: Partial<HostNetwork> = {},
  lastHops: World['lastHops'] = [],
): ReturnType<typeof surroundingsOf> => {
  const world: Pick<World, 'agent' | 'wireName' | 'network' | 'lastHops'> = {
    agent: AGENT_DEFAULTS,
    wireName: 'a1a1a1a1a1a1a1a1',
    network: { ...NETWORK, ...changes },
    lastHops,
  }
  return surroundingsOf(world)
}
const FOUR = peerOf(A, B, 0)
const DUAL = peerOf(
  { ...A, overlay: ['10.86.1.1', 'fd86::1'], subnets: ['fd87:0:0:1::/64'] },
  { ...B, overlay: ['10.86.2.1', 'fd86::2'], subnets: ['fd87:0:0:2::/64'] },
  0,
)

t.test('the link and its packets', (t) => {
  t.match(around(), {
    linkUp: true,
    mtuBytes: 1300,
    wireName: 'a1a1a1a1a1a1a1a1',
  })
  t.equal(around({ nebulaDev: undefined }).linkUp, false)
  t.equal(around({ mtuBytes: 9000 }).mtuBytes, 1500, 'a probe is never larger than an Ethernet frame')
  t.end()
})

t.test("a peer has a gateway path if there is a hop of its probes' family", (t) => {
  const six = { via: ip('fe80::1'), dev: 'eth0' }
  t.equal(around().hasGateway(FOUR), true)
  t.equal(around().hasGateway(DUAL), false)
  t.equal(around({ gateways: [six] }).hasGateway(FOUR), false)
  t.equal(around({ gateways: [six] }).hasGateway(DUAL), true)
  t.equal(around({ gateways: [] }).hasGateway(FOUR), false)
  t.equal(around({ gateways: [] }, NETWORK.gateways).hasGateway(FOUR), true, 'the route is still there')
  t.equal(around({ gateways: [] }, [six]).hasGateway(FOUR), false)
  t.end()
})

t.test("a peer's own hop applies under any of its overlay addresses, in its own family", (t) => {
  const own = (overlay: string, via: string): Partial<HostNetwork> => ({
    gateways: [],
    peerGateways: new Map([[overlay, { via: ip(via), dev: 'eth0' }]]),
  })
  t.equal(around(own('10.86.2.1', '192.168.1.12')).hasGateway(FOUR), true)
  t.equal(around(own('10.86.9.1', '192.168.1.12')).hasGateway(FOUR), false, "another peer's")
  t.equal(around(own('fd86::2', 'fd00::12')).hasGateway(DUAL), true)
  t.equal(around(own('10.86.2.1', '192.168.1.12')).hasGateway(DUAL), false, 'its probes are IPv6')
  t.end()
})
