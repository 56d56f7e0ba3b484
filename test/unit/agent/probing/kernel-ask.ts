import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'

import { askKernel } from '../../../../src/agent/probing/kernel-ask.ts'
import type { AgentPeer } from '../../../../src/agent/peers/peer.ts'
import type { Lane } from '../../../../src/paths/probe/message.ts'
import { A, B, peerOf } from '../../../fixtures/agent/peer.ts'
import { freeUdpPort } from '../../../fixtures/traffic/udp.ts'

/** Starts a peer on loopback. */
function peerAt(ends: readonly (readonly [Lane, string, string])[]): AgentPeer {
  const peer = peerOf(A, B, 0)
  peer.contact = {
    ...peer.contact,
    ends: new Map(ends.map(([lane, from, to]) => [lane, { from, to }])),
  }
  return peer
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(10)
}

t.test('the kernel of a host without an agent refuses, separately on each path', async (t) => {
  const port = await freeUdpPort()
  const listener = createSocket('udp4')
  t.teardown(() => listener.close())
  listener.bind({ port, address: '127.86.2.3' })
  await once(listener, 'listening')
  const peer = peerAt([
    ['p2p', '127.86.1.2', '127.86.2.2'],
    ['gateway', '127.86.1.3', '127.86.2.3'],
    ['tunnel', '127.86.1.9', '127.86.2.9'],
    ['user', '127.86.1.1', '127.86.2.1'],
  ])
  const heard = once(listener, 'message') as Promise<[Buffer, { address: string }]>
  let onLink = 0
  askKernel(peer, port, (packets) => (onLink += packets))
  const [datagram, { address }] = await heard
  t.equal(datagram.length, 0, 'the agent there ignores it')
  t.equal(address, '127.86.1.1', 'probes to a closed port do not use up the refusals for this one')
  await until(() => peer.refused.p2p)
  t.same(peer.refused, { p2p: true, gateway: false })
  t.equal(onLink, 2, 'the question and its refusal on the nebula link')
})

t.test('IPv6 refuses likewise', async (t) => {
  const peer = peerAt([['gateway', '::1', '::1']])
  askKernel(peer, await freeUdpPort(), () => undefined)
  await until(() => peer.refused.gateway)
  t.same(peer.refused, { p2p: false, gateway: true })
})

t.test('a path that is silent or cannot be asked does not refuse', async (t) => {
  const port = await freeUdpPort()
  const peer = peerAt([
    // Addresses that no machine has (RFC 5737), as source and as destination.
    ['p2p', '192.0.2.1', '127.86.2.2'],
    ['gateway', '127.86.1.3', '192.0.2.1'],
  ])
  Object.assign(peer.refused, { p2p: true, gateway: true })
  askKernel(peer, port, () => undefined)
  await until(() => !peer.refused.p2p && !peer.refused.gateway)
  t.pass('what was said earlier is taken back')
})
