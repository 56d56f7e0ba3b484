import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server } from 'node:net'
import { basename } from 'node:path'
import t from 'tap'
import { holdersOf, readListeners } from '../../../src/kernel/sockets.ts'

t.test('a listener of this process is found, with the process', async (t) => {
  const server = createServer((socket) => socket.end())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  // More connections than the first read of the file returns.
  const clients = Array.from({ length: 100 }, () => connect(port, '127.0.0.1'))
  t.teardown(() => clients.forEach((client) => client.destroy()))
  await Promise.all(clients.map((client) => once(client, 'connect')))
  const found = readListeners(['tcp']).filter((listener) => listener.port === port)
  t.match(found, [{ protocol: 'tcp', address: { family: 4, value: 0x7f000001n } }])
  const inode = found[0]?.inode ?? ''
  const holder = holdersOf(new Set([inode]), 'conmon').get(inode)
  t.match(holder, { pid: process.pid, name: basename(process.execPath) })
  t.ok(holder?.args.some((arg) => arg.endsWith('sockets.ts')))
})

t.test('all listeners are found, few or many, with and without connections', async (t) => {
  const open = async (host: string, count: number) => {
    const servers = Array.from({ length: count }, () => createServer().listen(0, host))
    await Promise.all(servers.map((server) => once(server, 'listening')))
    return servers
  }
  const servers: Server[] = []
  t.teardown(() => servers.forEach((server) => server.close()))
  for (const more of [1, 3, 300]) {
    servers.push(...(await open('127.0.0.1', more)), ...(await open('::', more)))
    const found = new Set(readListeners(['tcp']).map(({ port }) => port))
    const ports = servers.map((server) => (server.address() as AddressInfo).port)
    t.same(
      ports.filter((port) => !found.has(port)),
      [],
      `${String(ports.length)} and the others`,
    )
  }
})

t.test('UDP: a bound socket counts, a connected one does not', async (t) => {
  const [bound, client] = [createSocket('udp6'), createSocket('udp4')]
  t.teardown(() => [bound, client].forEach((socket) => socket.close()))
  bound.bind(0)
  await once(bound, 'listening')
  client.connect(bound.address().port, '127.0.0.1')
  await once(client, 'connect')
  const ports = readListeners(['udp']).map(({ port }) => port)
  t.ok(ports.includes(bound.address().port))
  t.notOk(ports.includes(client.address().port))
  t.same(readListeners([]), [])
})

t.test('a socket that no process has open has no holder', async (t) => {
  t.equal(holdersOf(new Set(['0']), 'conmon').size, 0)
})
