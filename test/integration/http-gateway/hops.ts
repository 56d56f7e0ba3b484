// Requests between HTTP Gateways, and what a browser's headers may not say.

import t from 'tap'
import { hostDocument, SELF } from '../../fixtures/http-gateway/documents.ts'
import { echo, echoed, freePort, serve } from '../../fixtures/http-gateway/http.ts'
import { startGateway } from '../../fixtures/http-gateway/nginx.ts'

t.test('a request with the hop header is answered from containers of this host only', async (t) => {
  const gateway = await startGateway(t)
  const port = await serve(t, '127.87.1.10', echo('web-a'))
  const other = await serve(t, '127.87.2.10', echo('shop-b'))
  await gateway.push('PUT', '/v1/self', SELF)
  const here = [{ names: ['web'], address: '127.87.1.10', port, ports: [port] }]
  await gateway.push('PUT', '/v1/hosts/host-a', hostDocument('host-a', here))
  const there = [{ names: ['shop', 'web'], address: '127.87.2.10', port: other, ports: [other] }]
  await gateway.push('PUT', '/v1/hosts/host-b', hostDocument('host-b', there))
  const hop = async (host: string, more: Readonly<Record<string, string>> = {}) => {
    const answer = await gateway.ask(host, { path: '/x', headers: { 'x-flatnet-hop': 'host-b', ...more } })
    return answer.status === 200 ? echoed(answer).name : [answer.status, answer.headers['x-flatnet-error']]
  }
  t.equal(await hop('web.flatnet.internal'), 'web-a')
  t.same(await hop('shop.flatnet.internal'), [502, 'not-here'])
  t.same(await hop('shop.host-b.flatnet.internal'), [502, 'not-here'])
  t.same(await hop('127.0.0.1'), [502, 'not-here'], 'no list')
  t.equal(await hop('127.0.0.1', { 'x-flatnet-target': 'web@host-a' }), 'web-a', 'the path form')
  t.equal(await hop('127.0.0.1', { 'x-flatnet-target': `${String(port)}--web@host-a` }), 'web-a')
  t.same(await hop('127.0.0.1', { 'x-flatnet-target': '22--web@host-a' }), [404, 'unknown-name'])
  t.same(await hop('127.0.0.1', { 'x-flatnet-target': 'http://evil/' }), [502, 'not-here'])
  t.same(await hop('web.flatnet.internal', { 'x-flatnet-hop': 'host-a' }), [508, 'loop'])
})

t.test('two HTTP Gateways that each believe the other has the container', async (t) => {
  const [a, b] = [await startGateway(t), await startGateway(t)]
  const closed = await freePort('127.87.3.10')
  const containers = [{ names: ['web'], address: '127.87.3.10', port: closed, ports: [closed] }]
  for (const [own, other, host] of [
    [a, b, 'host-a'],
    [b, a, 'host-b'],
  ] as const) {
    await own.push('PUT', '/v1/self', { ...SELF, host })
    const gateway = `127.0.0.1:${String(other.port)}`
    await own.push('PUT', '/v1/hosts/host-c', hostDocument('host-c', containers, { gateway }))
  }
  const answer = await a.ask('web.flatnet.internal')
  t.same([answer.status, answer.headers['x-flatnet-error']], [502, 'not-here'], 'it ends at the second')
})

t.test('from one HTTP Gateway to the container of another', async (t) => {
  const [a, b] = [await startGateway(t), await startGateway(t)]
  const closed = await freePort('127.87.2.10')
  const port = await serve(t, '127.87.2.11', echo('web-b'))
  const gateway = `127.0.0.1:${String(b.port)}`
  const seenByA = [{ names: ['web'], address: '127.87.2.10', port: closed, ports: [closed] }]
  await a.push('PUT', '/v1/self', SELF)
  await a.push('PUT', '/v1/hosts/host-b', hostDocument('host-b', seenByA, { gateway }))
  const ownOfB = [{ names: ['web'], address: '127.87.2.11', port, ports: [port] }]
  await b.push('PUT', '/v1/self', { ...SELF, host: 'host-b' })
  await b.push('PUT', '/v1/hosts/host-b', hostDocument('host-b', ownOfB, { path: 'local' }))
  const byName = await a.ask('web.flatnet.internal', { path: '/a' })
  t.match(echoed(byName), { name: 'web-b', url: '/a' })
  t.notOk('x-flatnet-hop' in echoed(byName).headers, 'the container sees nothing of the hop')
  const byPath = await a.ask('127.0.0.1', { path: '/~web/a?b' })
  t.match(echoed(byPath), { name: 'web-b', url: '/a?b' })
})

t.test('headers that a container gets', async (t) => {
  const gateway = await startGateway(t)
  const port = await serve(t, '127.87.1.10', echo('web'))
  await gateway.push('PUT', '/v1/self', SELF)
  const containers = [{ names: ['web'], address: '127.87.1.10', port, ports: [port] }]
  await gateway.push('PUT', '/v1/hosts/host-a', hostDocument('host-a', containers))
  const forged = {
    'x-forwarded-for': '6.6.6.6',
    'X-Forwarded-Host': 'evil',
    'x-forwarded-proto': 'https',
    'x-forwarded-prefix': '/evil',
    'x-forwarded-port': '666',
    'X-FORWARDED-SERVER': 'evil',
    'x-real-ip': '6.6.6.6',
    forwarded: 'for=6.6.6.6',
    'x-flatnet-target': 'evil@evil',
    x_flatnet_hop: 'evil',
    x_forwarded_for: '6.6.6.6',
    'x-request-id': 'evil',
    te: 'trailers',
    upgrade: 'h2c',
    connection: 'upgrade, x-forwarded-for',
    'x-own': 'kept',
  }
  const { headers } = echoed(await gateway.ask('web.flatnet.internal', { headers: forged }))
  t.match(headers, {
    host: 'web.flatnet.internal',
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-host': 'web.flatnet.internal',
    'x-forwarded-proto': 'http',
    'x-forwarded-port': String(gateway.port),
    'x-real-ip': '127.0.0.1',
    'x-own': 'kept',
  })
  t.match(headers['x-request-id'], /^[0-9a-f]+-[0-9a-f]+-\d+$/)
  t.notMatch(JSON.stringify(headers), /evil|6\.6\.6\.6|h2c|trailers/)
  const second = echoed(await gateway.ask('web.flatnet.internal')).headers['x-request-id']
  t.not(second, headers['x-request-id'])
  const byPath = echoed(await gateway.ask('127.0.0.1', { path: '/~web/' })).headers
  t.equal(byPath['x-forwarded-prefix'], '/~web')
  for (const own of ['Host', 'X-Flatnet-Hop']) {
    const sent = [`GET / HTTP/1.1`, 'Host: web.flatnet.internal', `${own} : x`, 'Connection: close', '', '']
    t.match(
      (await gateway.raw(sent.join('\r\n'))).slice(9, 12),
      '400',
      `${own} with a space before the colon`,
    )
  }
})

t.test('redirects and cookies of the path form', async (t) => {
  const gateway = await startGateway(t)
  const port = await serve(t, '127.87.1.10', (asked, response) => {
    const location = asked.url === '/absolute' ? `http://${String(asked.headers.host)}/there` : '/there'
    response.writeHead(302, { location, 'set-cookie': 'a=b; Path=/' })
    response.end()
  })
  await gateway.push('PUT', '/v1/self', SELF)
  const containers = [{ names: ['web'], address: '127.87.1.10', port, ports: [port] }]
  await gateway.push('PUT', '/v1/hosts/host-a', hostDocument('host-a', containers))
  const byPath = await gateway.ask('127.0.0.1', { path: '/~web/x' })
  t.equal(byPath.headers.location, '/~web/there')
  t.match(byPath.headers['set-cookie'], ['a=b; Path=/~web/'])
  t.equal((await gateway.ask('127.0.0.1', { path: '/~web/absolute' })).headers.location, '/~web/there')
  const byName = await gateway.ask('web.flatnet.internal', { path: '/x' })
  t.match([byName.headers.location, byName.headers['set-cookie']], ['/there', ['a=b; Path=/']])
})
