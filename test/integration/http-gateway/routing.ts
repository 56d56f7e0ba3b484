// Which container a request reaches, by Host and by path, and which requests reach none.

import t, { type Test } from 'tap'
import { hostDocument, SELF } from '../../fixtures/http-gateway/documents.ts'
import { echo, echoed, freePort, serve } from '../../fixtures/http-gateway/http.ts'
import { startGateway, type TestGateway } from '../../fixtures/http-gateway/nginx.ts'

async function office(t: Test): Promise<{ gateway: TestGateway; port: number; second: number }> {
  const gateway = await startGateway(t)
  const port = await serve(t, '127.87.1.10', echo('web-a'))
  const second = await serve(t, '127.87.1.10', echo('admin-a'))
  await serve(t, '127.87.2.10', echo('web-b'), port)
  await serve(t, '127.87.2.11', echo('shop-b'), port)
  const documents = {
    self: SELF,
    'hosts/host-a': hostDocument('host-a', [
      { names: ['web', 'www'], address: '127.87.1.10', port, ports: [port, second] },
      { names: ['many'], address: '127.87.1.10', ports: [port, second] },
    ]),
    'hosts/host-b': hostDocument('host-b', [
      { names: ['web'], address: '127.87.2.10', port, ports: [port] },
      { names: ['shop'], address: '127.87.2.11', port, ports: [port] },
    ]),
  }
  for (const [path, body] of Object.entries(documents)) {
    const { status, text } = await gateway.push('PUT', `/v1/${path}`, body)
    t.equal(status, 200, `${path}: ${text}`)
  }
  return { gateway, port, second }
}

t.test('Host names', async (t) => {
  const { gateway, port, second } = await office(t)
  const named = async (host: string): Promise<string> => {
    const answer = await gateway.ask(host)
    return answer.status === 200 ? echoed(answer).name : String(answer.status)
  }
  for (const [host, name] of [
    ['web.flatnet.internal', 'web-a'],
    ['www.flatnet.internal', 'web-a'],
    ['WEB.Flatnet.Internal.', 'web-a'],
    [`web.flatnet.internal:${String(gateway.port)}`, 'web-a'],
    ['web.host-a.flatnet.internal', 'web-a'],
    ['web.host-b.flatnet.internal', 'web-b'],
    ['shop.flatnet.internal', 'shop-b'],
    ['shop.host-a.flatnet.internal', '404'],
    [`${String(second)}--web.flatnet.internal`, 'admin-a'],
    [`${String(port)}--web.host-b.flatnet.internal`, 'web-b'],
    ['22--web.flatnet.internal', '404'],
    ['0--web.flatnet.internal', '404'],
    ['web.localhost', 'web-a'],
    ['nothing.flatnet.internal', '404'],
    ['web.other.example', '404'],
    ['web.flatnet.internal.attacker.example', '404'],
    ['many.flatnet.internal', '300'],
    ['web.flatnet.internal:port', '400'],
    ['evil@web.flatnet.internal', '400'],
    ["web'.flatnet.internal", '400'],
    ['web..flatnet.internal', '400'],
    ['127.87.2.10', '200 list'],
    ['127.0.0.1:22', '200 list'],
  ] as const) {
    const expected = name.replace(' list', '')
    if (name.endsWith('list')) t.match((await gateway.ask(host)).text, /can be reached/, host)
    else t.equal(await named(host), expected, host)
  }
})

t.test('Host tricks', async (t) => {
  const { gateway } = await office(t)
  const status = async (lines: readonly string[]): Promise<string> => {
    const said = await gateway.raw(`${[...lines, 'Connection: close', '', ''].join('\r\n')}`)
    return said.slice(9, 12)
  }
  t.equal(await status(['GET http://shop.flatnet.internal/ HTTP/1.1', 'Host: shop.flatnet.internal']), '200')
  t.equal(await status(['GET http://shop.flatnet.internal/ HTTP/1.1', 'Host: web.flatnet.internal']), '400')
  t.equal(await status(['GET / HTTP/1.0']), '400')
  t.equal(
    await status(['GET / HTTP/1.1', 'Host: web.flatnet.internal', 'Host: shop.flatnet.internal']),
    '400',
  )
  t.equal(await status(['CONNECT 127.87.2.10:22 HTTP/1.1', 'Host: 127.87.2.10:22']), '400')
  t.equal(await status(['GET / HTTP/1.1', 'Host: 127.87.2.10:22']), '200', 'an address shows the list')
})

t.test('the path form', async (t) => {
  const { gateway, second } = await office(t)
  const address = `127.0.0.1:${String(gateway.port)}`
  const seen = async (path: string): Promise<string> => {
    const answer = await gateway.ask(address, { path })
    if (answer.status === 308 || answer.status === 307)
      return `${String(answer.status)} ${answer.headers.location}`
    return answer.status === 200 ? `${echoed(answer).name} ${echoed(answer).url}` : String(answer.status)
  }
  for (const [path, expected] of [
    ['/~web/', 'web-a /'],
    ['/~web/a/b?c=d', 'web-a /a/b?c=d'],
    ['/~web@host-b/x', 'web-b /x'],
    [`/~${String(second)}--web/x`, 'admin-a /x'],
    ['/~web', '308 /~web/'],
    ['/~web?x=1', '308 /~web/?x=1'],
    ['/~web/%2e%2f%7e//x', 'web-a /%2e%2f%7e//x'],
    ['/~web/../x', '404'],
    ['/~web/..%2f..', '400'],
    ['/~shop/a/../b', 'shop-b /a/../b'],
    ['/~none/', '404'],
    ['/~WEB/', '404'],
    ['/~/', '404'],
    ['/~web;a/', '404'],
    ['/nowhere', '404'],
    ['//evil.example/', '404'],
  ] as const)
    t.equal(await seen(path), expected, path)
  const whole = await gateway.ask('web.flatnet.internal', { path: '/~user/page' })
  t.equal(echoed(whole).url, '/~user/page', 'a Host that names a container takes precedence')
  const link = await gateway.ask(address, {
    path: '/style.css',
    headers: { referer: `http://${address}/~web/a` },
  })
  t.equal(link.headers.location, '/~web/style.css', 'an absolute link of a page in path form')
  t.equal(link.status, 307)
  for (const referer of [`http://elsewhere/~web/`, `http://${address}/~none/`])
    t.equal((await gateway.ask(address, { path: '/style.css', headers: { referer } })).status, 404, referer)
  const open = await gateway.ask(address, {
    path: '//evil/x',
    headers: { referer: `http://${address}/~web/` },
  })
  t.equal(open.status, 404, 'no redirect to another site')
})

t.test('answers of its own, in the form that the client accepts', async (t) => {
  const { gateway } = await office(t)
  const unknown = (accept: string) => gateway.ask('nothing.flatnet.internal', { headers: { accept } })
  const json = await unknown('application/json')
  t.match(JSON.parse(json.text), { version: 1, error: { reason: 'unknown-name' } })
  t.equal(json.headers['x-flatnet-error'], 'unknown-name')
  t.match((await unknown('text/html,*/*')).text, /^<!DOCTYPE html>/)
  t.notMatch((await unknown('*/*')).text, /web|shop/, 'the names are not listed to a stranger’s Host')
  const list = await gateway.ask('flatnet.internal', { headers: { accept: 'application/json' } })
  t.same(JSON.parse(list.text), {
    version: 1,
    names: [
      { name: 'many', host: 'host-a' },
      { name: 'shop', host: 'host-b' },
      { name: 'web', host: 'host-a' },
      { name: 'www', host: 'host-a' },
    ],
  })
  const ports = await gateway.ask('many.flatnet.internal', { headers: { accept: 'text/html' } })
  t.match(ports.text, /href="\/~\d+--many@host-a\/"/)
})

t.test('a host without containers, and a port that is closed', async (t) => {
  const gateway = await startGateway(t)
  const empty = await gateway.ask('127.0.0.1')
  t.match([empty.status, empty.text], [200, /No container/])
  t.equal((await gateway.ask('web.flatnet.internal')).status, 404)
  const closed = await freePort('127.87.1.10')
  await gateway.push('PUT', '/v1/self', SELF)
  const document = hostDocument('host-a', [
    { names: ['web'], address: '127.87.1.10', port: closed, ports: [closed] },
  ])
  await gateway.push('PUT', '/v1/hosts/host-a', document)
  const refused = await gateway.ask('web.flatnet.internal', { headers: { accept: 'application/json' } })
  t.match([refused.status, JSON.parse(refused.text)], [502, { error: { reason: 'no-answer' } }])
})
