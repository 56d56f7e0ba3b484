// What clients may not do, and what the LAN cannot reach.

import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { hostDocument, SELF } from '../../fixtures/http-gateway/documents.ts'
import { echo, serve } from '../../fixtures/http-gateway/http.ts'
import { startGateway } from '../../fixtures/http-gateway/nginx.ts'
import { waitUntil } from '../../../scripts/lab/run.ts'

t.test('malformed requests', async (t) => {
  const gateway = await startGateway(t)
  let count = 0
  const port = await serve(t, '127.87.1.10', (asked, response) => {
    count += 1
    echo('web')(asked, response)
  })
  await gateway.push('PUT', '/v1/self', SELF)
  const containers = [{ names: ['web'], address: '127.87.1.10', port, ports: [port] }]
  await gateway.push('PUT', '/v1/hosts/host-a', hostDocument('host-a', containers))
  const status = async (text: string): Promise<string> => (await gateway.raw(text)).slice(9, 12)
  const post = (headers: readonly string[], body = ''): string =>
    `${['POST / HTTP/1.1', 'Host: web.flatnet.internal', ...headers].join('\r\n')}\r\n\r\n${body}`
  const chunk = '3\r\nabc\r\n0\r\n\r\n'
  for (const [what, text, expected] of [
    ['both lengths', post(['Content-Length: 3', 'Transfer-Encoding: chunked'], chunk), '400'],
    ['two lengths', post(['Content-Length: 3', 'Content-Length: 3'], 'abc'), '400'],
    ['a signed length', post(['Content-Length: +3'], 'abc'), '400'],
    ['another coding', post(['Transfer-Encoding: xchunked'], chunk), '501'],
    ['two codings', post(['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], chunk), '400'],
    ['a chunk size in C', post(['Transfer-Encoding: chunked'], '0x3\r\nabc\r\n0\r\n\r\n'), '400'],
    ['a header of 20 KB', post([`X-A: ${'a'.repeat(20_000)}`]), '400'],
    [
      '80 KB of headers',
      post(Array.from({ length: 8 }, (_, i) => `X-${String(i)}: ${'a'.repeat(10_000)}`)),
      '400',
    ],
    ['a URI of 20 KB', `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: web.flatnet.internal\r\n\r\n`, '414'],
    ['TRACE', 'TRACE / HTTP/1.1\r\nHost: web.flatnet.internal\r\n\r\n', '405'],
    ['a NUL', 'GET / HTTP/1.1\r\nHost: web.flatnet.internal\r\nX: \0\r\n\r\n', '400'],
  ] as const)
    t.equal(await status(text), expected, what)
  t.ok(count <= 1, 'none but the one that is broken in its body has reached the container')
})

t.test('two requests on one connection never mix', async (t) => {
  const gateway = await startGateway(t)
  const port = await serve(t, '127.87.1.10', echo('web'))
  await gateway.push('PUT', '/v1/self', SELF)
  const containers = [{ names: ['web'], address: '127.87.1.10', port, ports: [port] }]
  await gateway.push('PUT', '/v1/hosts/host-a', hostDocument('host-a', containers))
  const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: web.flatnet.internal\r\n\r\n'
  const first =
    'POST /first HTTP/1.1\r\nHost: web.flatnet.internal\r\nContent-Length: ' +
    `${String(smuggled.length)}\r\n\r\n`
  const second = 'GET /second HTTP/1.1\r\nHost: web.flatnet.internal\r\nConnection: close\r\n\r\n'
  const said = await gateway.raw(`${first}${smuggled}${second}`)
  t.same(
    [...said.matchAll(/"url":"([^"]+)"/g)].map(([, url]) => url),
    ['/first', '/second'],
  )
})

t.test('slow clients and many connections leave the others alone', async (t) => {
  const gateway = await startGateway(t)
  const port = await serve(t, '127.87.1.10', echo('web'))
  await gateway.push('PUT', '/v1/self', SELF)
  const containers = [{ names: ['web'], address: '127.87.1.10', port, ports: [port] }]
  await gateway.push('PUT', '/v1/hosts/host-a', hostDocument('host-a', containers))
  const idle = Array.from({ length: 500 }, () => connect(gateway.port, '127.0.0.1'))
  t.teardown(() => {
    for (const socket of idle) socket.destroy()
  })
  let closed = 0
  for (const socket of idle) {
    socket.on('error', () => undefined)
    socket.on('close', () => (closed += 1))
    socket.write('GET / HTTP/1.1\r\nHost: web.flatnet.internal\r\n')
  }
  t.equal((await gateway.ask('web.flatnet.internal')).status, 200)
  await waitUntil('the end of headers that never end', 60_000, async () => closed === idle.length)
  t.equal((await gateway.ask('web.flatnet.internal')).status, 200)
})

t.test('health and metrics have a listener of their own', async (t) => {
  const gateway = await startGateway(t)
  const port = await serve(t, '127.87.1.10', echo('web'))
  await gateway.push('PUT', '/v1/self', SELF)
  const containers = [{ names: ['web'], address: '127.87.1.10', port, ports: [port] }]
  await gateway.push('PUT', '/v1/hosts/host-a', hostDocument('host-a', containers))
  for (const path of ['/metrics', '/readyz', '/healthz', '/v1/self', '/v1/hosts'])
    t.equal((await gateway.ask('127.0.0.1', { path })).status, 404, `${path} is not for browsers`)
  await gateway.ask('web.flatnet.internal')
  await gateway.ask('none.flatnet.internal')
  const { text } = await gateway.status('/metrics')
  for (const line of [
    'flatnet_http_requests_total{way="local",status="2xx"} 1',
    'flatnet_http_refused_total{reason="unknown-name"} 1',
    'flatnet_http_refused_total{reason="unknown-page"} 5',
    'flatnet_http_names 1',
    'flatnet_http_hosts 1',
  ])
    t.ok(text.includes(`${line}\n`), line)
  t.equal((await gateway.status('/v1/self')).status, 404, 'and nothing can be pushed there')
})

t.test('the access log', async (t) => {
  const gateway = await startGateway(t)
  const port = await serve(t, '127.87.1.10', echo('web'))
  await gateway.push('PUT', '/v1/self', SELF)
  const containers = [{ names: ['web'], address: '127.87.1.10', port, ports: [port] }]
  await gateway.push('PUT', '/v1/hosts/host-a', hostDocument('host-a', containers))
  await gateway.ask('web.flatnet.internal', { path: '/a"b?c' })
  await gateway.ask('none.flatnet.internal')
  await waitUntil('two lines', 5000, async () => (await gateway.log()).length === 2)
  const [first, second] = await gateway.log()
  t.match(first, {
    client: '127.0.0.1',
    method: 'GET',
    host: 'web.flatnet.internal',
    uri: '/a"b?c',
    status: 200,
    route: 'local web@host-a',
    tries: `127.87.1.10:${String(port)}`,
    try_status: '200',
    id: /^[0-9a-f]+-[0-9a-f]+-\d+$/,
  })
  t.type(first?.['seconds'], 'number')
  t.match(second, { status: 404, route: '', tries: '' })
  await gateway.raw('GET / HTTP/1.1\r\nHost: a b\r\n\r\n')
  await waitUntil('a third line', 5000, async () => (await gateway.log()).length === 3)
  t.match((await gateway.log())[2], { status: 400, route: '' }, 'nginx has refused it itself')
  const errors = await readFile(join(gateway.folder, 'log/http-gateway-error.log'), 'utf8')
  t.notMatch(errors, /GET/, 'and strangers do not fill the error log')
})
