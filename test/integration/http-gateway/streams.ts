// WebSockets, event streams and large bodies: nothing is held back, and nothing is written to disk.

import { randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { createServer, type IncomingMessage, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { deaf } from '../../fixtures/http-gateway/deaf.ts'
import { hostDocument, SELF } from '../../fixtures/http-gateway/documents.ts'
import { serve } from '../../fixtures/http-gateway/http.ts'
import { startGateway, type TestGateway } from '../../fixtures/http-gateway/nginx.ts'
import { waitUntil } from '../../../scripts/lab/run.ts'

async function withContainer(t: Test, port: number): Promise<TestGateway> {
  const gateway = await startGateway(t)
  await gateway.push('PUT', '/v1/self', SELF)
  const containers = [{ names: ['web'], address: '127.87.1.10', port, ports: [port] }]
  await gateway.push('PUT', '/v1/hosts/host-a', hostDocument('host-a', containers))
  return gateway
}

// Accepts every upgrade and sends back what it gets (RFC 6455 is between the two ends, not nginx's).
function echoSockets(t: Test, address: string): Promise<number> {
  const server = createServer((_, response) => {
    response.statusCode = 426
    response.end()
  })
  server.on('upgrade', (asked: IncomingMessage, socket: Socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n')
    socket.write(`${String(asked.headers['x-flatnet-hop'] ?? 'no hop')}\n`)
    socket.pipe(socket)
    socket.on('error', () => undefined)
  })
  return serve(t, address, server)
}

interface OpenSocket {
  readonly socket: Socket
  /** Everything received so far. */
  readonly said: () => string
}

async function openSocket(t: Test, port: number, upgrade = 'websocket'): Promise<OpenSocket> {
  const socket = connect(port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  let said = ''
  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => (said += chunk))
  socket.on('error', () => undefined)
  const lines = [
    'GET /ws HTTP/1.1',
    'Host: web.flatnet.internal',
    `Upgrade: ${upgrade}`,
    'Connection: Upgrade',
  ]
  socket.write(`${[...lines, '', ''].join('\r\n')}`)
  await waitUntil('an answer to the upgrade', 5000, async () => said.includes('\r\n\r\n'))
  return { socket, said: () => said }
}

t.test('WebSockets go through, and survive a reload', async (t) => {
  const gateway = await withContainer(t, await echoSockets(t, '127.87.1.10'))
  const open = await openSocket(t, gateway.port)
  t.match(open.said(), /^HTTP\/1.1 101 /)
  const echoes = async (word: string): Promise<void> => {
    open.socket.write(word)
    await waitUntil(`the echo of ${word}`, 5000, async () => open.said().includes(word))
  }
  await echoes('before')
  await gateway.signal('reload')
  await echoes('after')
  await gateway.push('PUT', '/v1/hosts/host-a', hostDocument('host-a', [], { seq: 2 }))
  await echoes('and after its container has gone from the state')
  for (const upgrade of ['h2c', 'websocket, h2c', 'h2c, websocket']) {
    const gateway2 = await openSocket(t, gateway.port, upgrade)
    t.notMatch(gateway2.said(), /^HTTP\/1.1 101 /, `Upgrade: ${upgrade} is not passed on`)
  }
})

t.test('a WebSocket moves on to the other host’s HTTP Gateway', async (t) => {
  const peer = await echoSockets(t, '127.0.1.12')
  const port = await deaf(t, '127.87.2.10')
  const gateway = await startGateway(t)
  await gateway.push('PUT', '/v1/self', SELF)
  const containers = [{ names: ['web'], address: '127.87.2.10', port, ports: [port] }]
  const document = hostDocument('host-b', containers, { gateway: `127.0.1.12:${String(peer)}` })
  await gateway.push('PUT', '/v1/hosts/host-b', document)
  const open = await openSocket(t, gateway.port)
  await waitUntil('a word of the container', 5000, async () => open.said().includes('host-a\n'))
  t.match(open.said(), /^HTTP\/1.1 101 /)
})

t.test('event streams arrive as they are sent', async (t) => {
  let send: (event: string) => void = () => undefined
  const chunked = await serve(t, '127.87.1.10', (asked, response) => {
    if (asked.url === '/close') response.useChunkedEncodingByDefault = false
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.flushHeaders()
    send = (event) => response.write(`data: ${event}\n\n`)
  })
  const gateway = await withContainer(t, chunked)
  for (const path of ['/chunked', '/close']) {
    let said = ''
    const headers = { host: 'web.flatnet.internal', accept: 'text/event-stream' }
    const asked = request({ host: '127.0.0.1', port: gateway.port, path, headers, agent: false })
    asked.on('error', () => undefined)
    asked.end()
    const [answer] = (await new Promise((resolve) =>
      asked.once('response', (response) => resolve([response])),
    )) as [IncomingMessage]
    t.equal(answer.statusCode, 200, `${path}: the header, before any event`)
    answer.setEncoding('utf8').on('data', (chunk: string) => (said += chunk))
    answer.on('error', () => undefined)
    for (const event of ['one', 'two']) {
      send(event)
      await waitUntil(`event ${event}`, 5000, async () => said.includes(`data: ${event}\n\n`))
    }
    asked.destroy()
  }
})

t.test('an upload reaches the container while it is sent', async (t) => {
  let received = 0
  const port = await serve(t, '127.87.1.10', (asked, response) => {
    asked.on('data', (chunk: Buffer) => (received += chunk.length))
    asked.on('end', () => response.end(String(received)))
  })
  const gateway = await withContainer(t, port)
  const block = randomBytes(1_000_000)
  const headers = { host: 'web.flatnet.internal', 'content-length': 20 * block.length }
  const asked = request({ host: '127.0.0.1', port: gateway.port, method: 'POST', headers, agent: false })
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    asked.once('response', resolve)
    asked.once('error', reject)
  })
  for (let sent = 1; sent <= 20; sent += 1) {
    asked.write(block)
    // What the sockets on both sides may still hold.
    const least = sent * block.length - 8_000_000
    await waitUntil('the container has what was sent', 5000, async () => received >= least)
  }
  asked.end()
  let text = ''
  for await (const chunk of (await answer).setEncoding('utf8')) text += String(chunk)
  t.equal(text, String(20 * block.length))
  t.same(await temporaryFiles(gateway), [], 'nothing was written to disk')
})

t.test('a download is passed on whole, whatever the container sends', async (t) => {
  const body = randomBytes(30_000_000)
  const port = await serve(t, '127.87.1.10', (asked, response) => {
    if (asked.url === '/cut') {
      response.writeHead(200, { 'content-length': body.length })
      response.write(body.subarray(0, 1_000_000), () => response.destroy())
    } else if (asked.url === '/none') response.writeHead(204).end()
    else if (asked.url === '/same') response.writeHead(304, { etag: '"a"' }).end()
    else response.end(body)
  })
  const gateway = await withContainer(t, port)
  const sizeOf = async (path: string): Promise<string> => {
    const options = { host: '127.0.0.1', port: gateway.port, path, agent: false }
    const asked = request({ ...options, headers: { host: 'web.flatnet.internal' } })
    asked.end()
    return new Promise((resolve) => {
      asked.once('response', (answer) => {
        let size = 0
        answer.on('data', (chunk: Buffer) => (size += chunk.length))
        answer.on('end', () => resolve(`${String(answer.statusCode)} ${String(size)}`))
        answer.on('error', () => resolve('cut'))
      })
      asked.once('error', () => resolve('cut before the answer'))
    })
  }
  t.equal(await sizeOf('/'), `200 ${String(body.length)}`)
  t.equal(await sizeOf('/none'), '204 0')
  t.equal(await sizeOf('/same'), '304 0')
  t.equal(await sizeOf('/cut'), 'cut', 'the client sees the cut')
  t.same(await temporaryFiles(gateway), [])
})

async function temporaryFiles({ folder }: TestGateway): Promise<readonly string[]> {
  const folders = ['client_body', 'proxy'].map((name) => join(folder, 'run', name))
  return folders.flatMap((each) => readdirSync(each, { recursive: true, encoding: 'utf8' }))
}
