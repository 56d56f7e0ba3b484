import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import t, { type Test } from 'tap'
import { portHolder } from '../../../src/kernel/port-holder.ts'

const self = { pid: process.pid }

async function udp(t: Test, address: string): Promise<number> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  t.teardown(() => socket.close())
  socket.bind(0, address)
  await once(socket, 'listening')
  return socket.address().port
}

// where the port is held, the address that is wanted, and whether they conflict
const cases: [string, string, boolean][] = [
  ['127.86.1.1', '127.86.1.1', true],
  ['127.86.1.1', '127.86.1.2', false],
  ['0.0.0.0', '127.86.1.2', true],
  ['::1', '::1', true],
  ['::', '127.86.1.2', true],
  ['0.0.0.0', '::1', false],
]
for (const [held, wanted, isInTheWay] of cases) {
  t.test(`a UDP port on ${held} ${isInTheWay ? 'blocks' : 'does not block'} ${wanted}`, async (t) => {
    const port = await udp(t, held)
    const holder = portHolder({ protocol: 'udp', address: wanted, port })
    if (isInTheWay) t.match(holder, self)
    else t.equal(holder, undefined)
    t.equal(portHolder({ protocol: 'tcp', address: wanted, port }), undefined, 'it does not block TCP')
  })
}

t.test('for TCP only listening sockets count', async (t) => {
  const server = createServer().listen(0, '127.86.1.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const holder = portHolder({ protocol: 'tcp', address: '127.86.1.1', port })
  t.match(holder, self)
  t.match(holder?.name ?? '', /^[!-~]+$/)
  t.equal(portHolder({ protocol: 'udp', address: '127.86.1.1', port }), undefined)
})

t.test('a free port has no holder', async (t) => {
  t.equal(portHolder({ protocol: 'udp', address: '127.86.1.1', port: 1 }), undefined)
})
