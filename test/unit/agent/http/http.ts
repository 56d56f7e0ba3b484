// Real sockets on loopback addresses; every machine has all of 127.0.0.0/8.

import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { createHttpListeners, type HttpMounts, metricsMount } from '../../../../src/agent/http/http.ts'
import { createRegistry } from '../../../../src/metrics/registry.ts'
import { render } from '../../../../src/metrics/render.ts'
import { parseExposition } from '../../../fixtures/metrics/exposition.ts'

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function start(t: Test) {
  const port = await freePort()
  const listeners = createHttpListeners(port)
  t.teardown(() => listeners.close())
  return { port, listeners }
}

const metrics = metricsMount(() => render(createRegistry()))
const exchange: HttpMounts = {
  '/v1/certificates': { methods: ['GET', 'POST'], handle: (_, response) => void response.end('pem') },
}

t.test('a scraper reads the metrics twice on one connection', async (t) => {
  const { port, listeners } = await start(t)
  const place = { address: '127.0.0.1', mounts: metrics }
  t.same(await Promise.all([listeners.ensure([place]), listeners.ensure([place])]), [[], []])
  for (let round = 0; round < 2; round += 1) {
    const answer = await fetch(`http://127.0.0.1:${port}/metrics?x=y`)
    t.equal(answer.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
    t.ok(parseExposition(await answer.text()).samples.has('flatnet_gc_runs_total{}'))
  }
})

t.test('what is mounted on one address is not served on another', async (t) => {
  const { port, listeners } = await start(t)
  await listeners.ensure([
    { address: '127.0.0.1', mounts: metrics },
    { address: '127.0.0.2', mounts: { ...metrics, ...exchange } },
  ])
  const status = async (address: string, path: string, method = 'GET') => {
    const answer = await fetch(`http://${address}:${port}${path}`, { method })
    await answer.text()
    return `${String(answer.status)} ${answer.headers.get('allow') ?? ''}`.trim()
  }
  t.equal(await status('127.0.0.2', '/v1/certificates'), '200')
  t.equal(await status('127.0.0.1', '/v1/certificates'), '404')
  t.equal(await status('127.0.0.2', '/v1/certificates', 'POST'), '200')
  t.equal(await status('127.0.0.2', '/v1/certificates', 'DELETE'), '405 GET, POST')
  t.equal(await status('127.0.0.1', '/metrics', 'POST'), '405 GET')
  t.equal(await status('127.0.0.1', '/metrics', 'HEAD'), '200')
  for (const path of ['/', '/constructor', '/metrics/', '//metrics'])
    t.equal(await status('127.0.0.1', path), '404')
  await t.rejects(fetch(`http://127.0.0.3:${port}/metrics`), 'nothing listens elsewhere')
})

t.test('an address added later is served, a removed one no longer', async (t) => {
  const { port, listeners } = await start(t)
  // TEST-NET-1 (RFC 5737): no machine has it.
  const problems = await listeners.ensure([
    { address: '192.0.2.1', mounts: metrics },
    { address: '127.0.0.1', mounts: metrics },
  ])
  t.match(problems, [{ address: '192.0.2.1', error: /EADDRNOTAVAIL/ }])
  t.same(listeners.addresses(), ['127.0.0.1'])
  await listeners.ensure([{ address: '127.0.0.2', mounts: metrics }])
  t.same(listeners.addresses(), ['127.0.0.2'])
  await t.rejects(fetch(`http://127.0.0.1:${port}/metrics`))
  t.equal((await fetch(`http://127.0.0.2:${port}/metrics`)).status, 200)
  await listeners.ensure([{ address: '127.0.0.2', mounts: exchange }])
  t.equal(
    (await fetch(`http://127.0.0.2:${port}/metrics`)).status,
    404,
    'mounts change under a running server',
  )
})

t.test('a port in use is reported, and opened once it is free', async (t) => {
  const { port, listeners } = await start(t)
  const other = createServer().listen(port, '127.0.0.1')
  await once(other, 'listening')
  t.match(await listeners.ensure([{ address: '127.0.0.1', mounts: metrics }]), [{ error: /EADDRINUSE/ }])
  other.close()
  await once(other, 'close')
  t.same(await listeners.ensure([{ address: '127.0.0.1', mounts: metrics }]), [])
})

t.test('a failing handler reveals nothing and disturbs no other request', async (t) => {
  const { port, listeners } = await start(t)
  const failing: HttpMounts = {
    '/sync': {
      methods: ['GET'],
      handle: () => {
        throw new Error('secret')
      },
    },
    '/async': { methods: ['GET'], handle: () => Promise.reject(new Error('secret')) },
  }
  await listeners.ensure([{ address: '127.0.0.1', mounts: { ...metrics, ...failing } }])
  for (const path of ['/sync', '/async']) {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`)
    t.equal(answer.status, 500)
    t.notMatch(await answer.text(), 'secret')
  }
  t.equal((await fetch(`http://127.0.0.1:${port}/metrics`)).status, 200)
})

t.test('garbage and endless headers are refused', async (t) => {
  const { port, listeners } = await start(t)
  await listeners.ensure([{ address: '127.0.0.1', mounts: metrics }])
  const said = async (bytes: string): Promise<string> => {
    const socket: Socket = connect(port, '127.0.0.1')
    let got = ''
    socket.on('data', (part) => (got += String(part)))
    socket.on('error', () => undefined)
    socket.write(bytes)
    await once(socket, 'close')
    return got
  }
  t.match(await said('\x16\x03\x01garbage\r\n\r\n'), / 400 /)
  t.match(await said(`GET /metrics HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(10_000)}\r\n\r\n`), / 431 /)
  t.match(await said('POST /metrics HTTP/1.1\r\nhost: a\r\ncontent-length: 99999999\r\n\r\n'), / 405 /)
})

t.test('idle connections are limited', async (t) => {
  const { port, listeners } = await start(t)
  await listeners.ensure([{ address: '127.0.0.1', mounts: metrics }])
  const sockets = Array.from({ length: 80 }, () => connect(port, '127.0.0.1').on('error', () => undefined))
  t.teardown(() => sockets.forEach((socket) => socket.destroy()))
  let closed = 0
  await new Promise<void>((resolve) => {
    for (const socket of sockets) socket.on('close', () => (closed += 1) === 16 && resolve())
  })
  t.equal(closed, 16)
})

t.test('pipelined requests are handled one at a time', async (t) => {
  const { port, listeners } = await start(t)
  let [atWork, most, begun] = [0, 0, 0]
  const slow: HttpMounts = {
    '/slow': {
      methods: ['GET'],
      handle: async (_, response) => {
        begun += 1
        most = Math.max(most, (atWork += 1))
        await sleep(50)
        atWork -= 1
        response.end('done')
      },
    },
  }
  await listeners.ensure([{ address: '127.0.0.1', mounts: slow }])
  const socket = connect(port, '127.0.0.1').on('error', () => undefined)
  let got = ''
  socket.on('data', (part) => (got += String(part)))
  socket.write('GET /slow HTTP/1.1\r\nhost: a\r\n\r\n'.repeat(2000))
  await once(socket, 'close')
  t.same([most, begun], [1, 1])
  t.match(got, /^HTTP\/1\.1 200 OK[\s\S]*done[\s\S]*HTTP\/1\.1 503 /)
})

t.test('a connection is closed after a while, without losing a request', async (t) => {
  const { port, listeners } = await start(t)
  await listeners.ensure([{ address: '127.0.0.1', mounts: metrics }])
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.teardown(() => agent.destroy())
  for (let round = 0; round < 70; round += 1) {
    const asking = request({ host: '127.0.0.1', port, path: '/metrics', agent }).end()
    const [response] = (await once(asking, 'response')) as [IncomingMessage]
    t.equal(response.statusCode, 200)
    response.resume()
    await once(response, 'end')
  }
})
