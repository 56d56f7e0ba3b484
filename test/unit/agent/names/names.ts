// The resolver on loopback: 127.87.1.1 is the host's bridge address, 127.87.99.53 the host's resolver.

import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'

import { readFrame, writeFrame } from '../../../../src/agent/names/frames.ts'
import { type Names, startNames } from '../../../../src/agent/names/names.ts'
import type { Registry } from '../../../../src/agent/registry/registry.ts'
import type { World } from '../../../../src/agent/world/world.ts'
import { parseQuery, RCODE, TYPE, writeReply } from '../../../../src/names/wire.ts'
import type { HostState } from '../../../../src/registry/host-state.ts'
import { prefix } from '../../../fixtures/addresses.ts'
import { freePort } from '../exchange/fixtures/hosts.ts'
import { makeQuery } from '../../names/fixtures/query.ts'

const NO_RULES = { serve: async () => undefined, step: async () => undefined }
const BRIDGE = '127.87.1.1'
const CONTAINER = '127.87.1.77'
const UPSTREAM = '127.87.99.53'

interface Office {
  readonly names: Names
  readonly port: number
  readonly file: string
  readonly counts: string[]
  /** What the host has for containers from now on. */
  readonly tell: (...names: readonly string[]) => void
}

async function start(t: Test, resolvConf: string): Promise<Office> {
  const port = await freePort()
  const file = join(t.testdir({}), 'resolv.conf')
  writeFileSync(file, resolvConf)
  let own: HostState = { epoch: 1, sequence: 0, containers: [] }
  const listeners = new Set<() => void>()
  const registry: Pick<Registry, 'own' | 'hosts' | 'follow' | 'isComplete'> = {
    own: () => own,
    isComplete: () => true,
    hosts: () => [],
    follow: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  const counts: string[] = []
  const names = startNames({
    world: () =>
      ({
        settings: { names: { domain: 'flatnet.internal' }, pools: [prefix('127.87.0.0/16')] },
        identity: { name: 'host-a', subnets: [prefix('127.87.1.0/24')] },
      }) as unknown as World,
    registry,
    log: () => undefined,
    count: (from) => counts.push(from),
    resolvConf: file,
    port,
    standIn: NO_RULES,
  })
  t.teardown(names.stop)
  await names.keep()
  return {
    names,
    port,
    file,
    counts,
    tell: (...called) => {
      const containers = called.map((name, index) => ({
        id: `id-${name}`,
        names: [name],
        network: 'flatnet',
        ifname: 'eth0',
        addresses: [`127.87.1.${String(10 + index)}`],
        ports: [],
        exposed: [],
        labels: {},
        since: '2026-01-01T00:00:00Z',
      }))
      own = { epoch: 1, sequence: own.sequence + 1, containers }
      for (const listener of listeners) listener()
    },
  }
}

/** A resolver that answers every A question with its number of questions so far as the last octet. */
async function upstream(t: Test, port: number, rcode: number = RCODE.OK, ttl = 100): Promise<() => number> {
  let asked = 0
  const reply = (message: Buffer): Buffer => {
    asked += 1
    const query = parseQuery(message)
    if (query === undefined || 'rcode' in query) throw new Error('not a query')
    const data = Buffer.from([192, 0, 2, asked])
    const answers = rcode === RCODE.OK ? [{ type: TYPE.A, ttl, data }] : []
    return writeReply(message, query, { rcode, answers, authority: [], additional: [] }, 512)
  }
  const socket = createSocket('udp4')
  socket.on('message', (message, { port: to, address }) => socket.send(reply(message), to, address))
  socket.bind(port, UPSTREAM)
  await once(socket, 'listening')
  const server = createServer((connection) =>
    connection.on('data', (chunk: Buffer) => {
      const frame = readFrame(chunk)
      if (frame !== undefined) connection.write(writeFrame(reply(frame.message)))
    }),
  )
  server.listen(port, UPSTREAM)
  await once(server, 'listening')
  t.teardown(() => {
    socket.close()
    server.close()
  })
  return () => asked
}

async function clientAt(t: Test, address: string): Promise<Socket> {
  const socket = createSocket('udp4')
  t.teardown(() => socket.close())
  socket.bind(0, address)
  await once(socket, 'listening')
  return socket
}

async function ask(client: Socket, port: number, message: Buffer): Promise<Buffer> {
  client.send(message, port, BRIDGE)
  const [answer] = (await once(client, 'message')) as [Buffer]
  return answer
}

/** "0 10.87.1.10": response code and the last answer's address. */
function shown(answer: Buffer): string {
  const rcode = answer.readUInt16BE(2) & 0xf
  return answer.readUInt16BE(6) === 0 ? String(rcode) : `${String(rcode)} ${answer.subarray(-4).join('.')}`
}

t.test('a container finds the others by name, and the moment that they change', async (t) => {
  const { port, tell, counts } = await start(t, '')
  const client = await clientAt(t, CONTAINER)
  const web = makeQuery('web.flatnet.internal', TYPE.A)
  t.equal(shown(await ask(client, port, web)), String(RCODE.NXDOMAIN))
  tell('db', 'web')
  const answer = await ask(client, port, web)
  t.equal(shown(answer), '0 127.87.1.11')
  t.equal(answer.readUInt16BE(0), 0x1234)
  tell('web')
  t.equal(shown(await ask(client, port, web)), '0 127.87.1.10')
  t.same(counts, ['registry', 'registry', 'registry'])
})

t.test('TCP serves several questions on one connection', async (t) => {
  const { port, tell } = await start(t, '')
  tell('web', 'db')
  const connection = connect({ host: BRIDGE, port, localAddress: CONTAINER })
  t.teardown(() => connection.destroy())
  const both = ['web', 'db'].map((name) => writeFrame(makeQuery(`${name}.flatnet.internal`, TYPE.A)))
  const bytes = Buffer.concat(both)
  // In pieces, as a network may deliver them.
  connection.write(bytes.subarray(0, 5))
  connection.write(bytes.subarray(5))
  let received = Buffer.alloc(0)
  const answers: string[] = []
  for await (const chunk of connection) {
    received = Buffer.concat([received, chunk as Buffer])
    for (let frame = readFrame(received); frame !== undefined; frame = readFrame(received)) {
      answers.push(shown(frame.message))
      received = Buffer.from(frame.rest)
    }
    if (answers.length === 2) break
  }
  t.same(answers, ['0 127.87.1.10', '0 127.87.1.11'])
})

t.test('everything else goes to the resolvers of the host, and is kept while it holds', async (t) => {
  const { port, counts } = await start(t, `nameserver ${BRIDGE}\nnameserver ${UPSTREAM}\n`)
  const asked = await upstream(t, port)
  const client = await clientAt(t, CONTAINER)
  t.equal(shown(await ask(client, port, makeQuery('example.com', TYPE.A))), '0 192.0.2.1')
  const again = await ask(client, port, makeQuery('ExAmple.com', TYPE.A))
  t.equal(shown(again), '0 192.0.2.1', 'from the cache')
  t.equal(again.toString('latin1', 13, 20), 'ExAmple', 'spelt as it was asked')
  t.equal(shown(await ask(client, port, makeQuery('example.org', TYPE.A))), '0 192.0.2.2')
  t.equal(asked(), 2)
  t.same(counts, ['forwarded', 'forwarded', 'forwarded'])
  const connection = connect({ host: BRIDGE, port, localAddress: CONTAINER })
  t.teardown(() => connection.destroy())
  connection.write(writeFrame(makeQuery('example.com', TYPE.A)))
  const [chunk] = (await once(connection, 'data')) as [Buffer]
  t.equal(shown(readFrame(chunk)?.message ?? Buffer.alloc(12)), '0 192.0.2.3', 'TCP goes on by TCP')
})

t.test('a resolver that is away is passed over, one that cannot answer too', async (t) => {
  const { port, file } = await start(t, 'nameserver 127.87.99.1\n')
  const client = await clientAt(t, CONTAINER)
  const query = makeQuery('example.com', TYPE.A)
  t.equal(shown(await ask(client, port, query)), String(RCODE.SERVFAIL))
  await upstream(t, port)
  writeFileSync(file, `nameserver 127.87.99.1\nnameserver ${UPSTREAM}\n`)
  t.equal(shown(await ask(client, port, query)), '0 192.0.2.1', 'the file has changed')
})

t.test('the own address among the resolvers makes no loop', async (t) => {
  const { port } = await start(t, `nameserver ${BRIDGE}\n`)
  const client = await clientAt(t, CONTAINER)
  t.equal(shown(await ask(client, port, makeQuery('example.com', TYPE.A))), String(RCODE.SERVFAIL))
})

t.test('only containers of this host and the host are answered', async (t) => {
  const { port, tell } = await start(t, '')
  tell('web')
  const stranger = await clientAt(t, '127.0.0.1')
  let heard = 0
  stranger.on('message', () => (heard += 1))
  stranger.send(makeQuery('web.flatnet.internal', TYPE.A), port, BRIDGE)
  const connection = connect({ host: BRIDGE, port, localAddress: '127.0.0.1' })
  connection.on('error', () => undefined)
  await once(connection, 'close')
  const client = await clientAt(t, CONTAINER)
  t.equal(shown(await ask(client, port, makeQuery('web.flatnet.internal', TYPE.A))), '0 127.87.1.10')
  t.equal(heard, 0)
})

t.test('a port that is taken is told', async (t) => {
  const { port } = await start(t, '')
  const second = startNames({
    world: () =>
      ({
        settings: { names: { domain: 'flatnet.internal' }, pools: [] },
        identity: { name: 'host-a', subnets: [prefix('127.87.1.0/24')] },
      }) as unknown as World,
    registry: {
      own: () => ({ epoch: 1, sequence: 0, containers: [] }),
      hosts: () => [],
      follow: () => () => undefined,
      isComplete: () => true,
    },
    standIn: NO_RULES,
    log: () => undefined,
    count: () => undefined,
    port,
  })
  t.teardown(second.stop)
  await second.keep()
  t.match([...second.closed()], [[BRIDGE, /EADDRINUSE/]])
})
