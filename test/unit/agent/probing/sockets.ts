import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'

import { type AgentSockets, type Incoming, openSockets } from '../../../../src/agent/probing/sockets.ts'
import type { Lane } from '../../../../src/paths/probe/message.ts'
import { freeUdpPort } from '../../../fixtures/traffic/udp.ts'

/** An address that no machine has (RFC 5737). */
const ABSENT = '192.0.2.1'

interface Opened {
  readonly sockets: AgentSockets
  readonly port: number
  readonly troubles: string[]
  /** Returns the next datagram that has come in. */
  readonly next: () => Promise<Incoming>
}

async function opened(t: Test): Promise<Opened> {
  const port = await freeUdpPort()
  const come: Incoming[] = []
  const troubles: string[] = []
  const sockets = openSockets(port, (address, problem) => troubles.push(`${address} ${problem}`))
  sockets.deliverTo((incoming) => come.push(incoming))
  t.teardown(() => sockets.close())
  const next = async (): Promise<Incoming> => {
    for (;;) {
      const incoming = come.shift()
      if (incoming !== undefined) return incoming
      await sleep(5)
    }
  }
  return { sockets, port, troubles, next }
}
const wanted = (...ends: readonly (readonly [string, Lane])[]): ReadonlyMap<string, Lane> => new Map(ends)

t.test("a datagram's addresses tell its lane", async (t) => {
  const { sockets, port, next } = await opened(t)
  sockets.keep(wanted(['127.86.1.2', 'p2p'], ['127.86.1.3', 'gateway'], ['::1', 'tunnel']))
  t.same(sockets.open().toSorted(), ['127.86.1.2', '127.86.1.3', '::1'])
  sockets.send(Buffer.from('x'), '127.86.1.3', '127.86.1.2')
  const { datagram, ...ends } = await next()
  t.equal(datagram.toString(), 'x')
  t.same(ends, { lane: 'p2p', to: '127.86.1.2', from: '127.86.1.3', port })
  sockets.send(Buffer.from('y'), '127.86.1.2', '127.86.1.3')
  t.match(await next(), { lane: 'gateway', from: '127.86.1.2' })
  sockets.send(Buffer.from('z'), '::1', '::1')
  t.match(await next(), { lane: 'tunnel', from: '::1' })
})

t.test('an answer goes to the source port of the question', async (t) => {
  const { sockets, port, next } = await opened(t)
  sockets.keep(wanted(['127.86.1.2', 'p2p']))
  const asker = createSocket('udp4')
  t.teardown(() => asker.close())
  asker.bind(0, '127.86.9.9')
  await once(asker, 'listening')
  asker.send('question', port, '127.86.1.2')
  const { from, to, port: fromPort } = await next()
  sockets.send(Buffer.from('answer'), to, from, fromPort)
  const [answer] = (await once(asker, 'message')) as [Buffer]
  t.equal(answer.toString(), 'answer')
})

t.test('sockets still needed stay open, others close', async (t) => {
  const { sockets, port } = await opened(t)
  sockets.keep(wanted(['127.86.1.2', 'p2p'], ['127.86.1.3', 'gateway']))
  sockets.keep(wanted(['127.86.1.2', 'p2p'], ['127.86.1.4', 'user']))
  t.same(sockets.open().toSorted(), ['127.86.1.2', '127.86.1.4'])
  const other = createSocket('udp4')
  t.teardown(() => other.close())
  other.bind({ port, address: '127.86.1.3', exclusive: true })
  await once(other, 'listening')
  sockets.close()
  t.same(sockets.open(), [])
  t.doesNotThrow(() => sockets.send(Buffer.from('x'), '127.86.1.2', '127.86.1.4'), 'nothing is sent')
})

t.test('a missing address is tried again silently', async (t) => {
  const { sockets, troubles } = await opened(t)
  for (let round = 0; round < 3; round++) sockets.keep(wanted(['127.86.1.2', 'p2p'], [ABSENT, 'tunnel']))
  t.same(sockets.open(), ['127.86.1.2'])
  t.same(troubles, [])
})

t.test('a port of another program is reported once, and opened when it is free', async (t) => {
  const { sockets, port, troubles } = await opened(t)
  const other = createSocket('udp4')
  other.bind({ port, address: '127.86.1.2', exclusive: true })
  await once(other, 'listening')
  for (let round = 0; round < 3; round++) sockets.keep(wanted(['127.86.1.2', 'p2p']))
  t.equal(troubles.length, 1)
  t.match(troubles[0], /^127\.86\.1\.2 .*EADDRINUSE/)
  t.match([...sockets.closed()], [['127.86.1.2', /EADDRINUSE/]], 'it is reported on request')
  other.close()
  await once(other, 'close')
  sockets.keep(wanted(['127.86.1.2', 'p2p']))
  t.same(sockets.open(), ['127.86.1.2'])
  t.same([...sockets.closed()], [])
})

t.test('a closed port of an address no longer needed is forgotten', async (t) => {
  const { sockets, port } = await opened(t)
  const other = createSocket('udp4')
  t.teardown(() => other.close())
  other.bind({ port, address: '127.86.1.2', exclusive: true })
  await once(other, 'listening')
  sockets.keep(wanted(['127.86.1.2', 'p2p']))
  t.equal(sockets.closed().size, 1)
  sockets.keep(wanted())
  t.equal(sockets.closed().size, 0)
})

t.test('only what cannot be sent is lost', async (t) => {
  const { sockets, next } = await opened(t)
  sockets.keep(wanted(['127.86.1.2', 'p2p'], ['127.86.1.3', 'gateway']))
  sockets.send(Buffer.alloc(70_000), '127.86.1.2', '127.86.1.3')
  sockets.send(Buffer.from('x'), '127.86.1.2', ABSENT)
  sockets.send(Buffer.from('x'), '127.86.1.2', 'no address')
  sockets.send(Buffer.from('x'), ABSENT, '127.86.1.3')
  sockets.send(Buffer.from('last'), '127.86.1.2', '127.86.1.3')
  t.equal((await next()).datagram.toString(), 'last')
})

t.test('a datagram that Node refuses to send is reported once and ends nothing', async (t) => {
  const { sockets, next, troubles } = await opened(t)
  sockets.keep(wanted(['127.86.1.2', 'p2p'], ['127.86.1.3', 'gateway']))
  for (let round = 0; round < 3; round++) sockets.send(Buffer.from('x'), '127.86.1.2', '127.86.1.3', 0)
  t.equal(troubles.length, 1)
  t.match(troubles[0], /^127\.86\.1\.2 nothing can be sent to 127\.86\.1\.3 port 0: /)
  sockets.send(Buffer.from('last'), '127.86.1.2', '127.86.1.3')
  t.equal((await next()).datagram.toString(), 'last')
})
