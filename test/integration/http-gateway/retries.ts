// What is sent a second time, where, and what never is.

import t, { type Test } from 'tap'
import { waitUntil } from '../../../scripts/lab/run.ts'
import { deaf } from '../../fixtures/http-gateway/deaf.ts'
import { hostDocument, SELF } from '../../fixtures/http-gateway/documents.ts'
import { echo, echoed, freePort, serve } from '../../fixtures/http-gateway/http.ts'
import { startGateway, type TestGateway } from '../../fixtures/http-gateway/nginx.ts'

// The other host's HTTP Gateway is a server that answers with what it was asked.
async function withPeer(t: Test, address: string, port: number): Promise<TestGateway> {
  const gateway = await startGateway(t)
  const peer = await serve(t, '127.0.1.12', echo('gateway-b'))
  await gateway.push('PUT', '/v1/self', SELF)
  const document = hostDocument('host-b', [{ names: ['web'], address, port, ports: [port, 9] }], {
    gateway: `127.0.1.12:${String(peer)}`,
  })
  const { status, text } = await gateway.push('PUT', '/v1/hosts/host-b', document)
  t.equal(status, 200, text)
  return gateway
}

const BODIES = [
  ['empty', ''],
  ['small', 'x'.repeat(10)],
  ['held', 'y'.repeat(65_536)],
  ['streamed', 'z'.repeat(65_537)],
  ['large', 'w'.repeat(5_000_000)],
] as const

t.test('a container that cannot be connected to: the other host’s HTTP Gateway answers', async (t) => {
  const ways = {
    refused: (): Promise<number> => freePort('127.87.2.10'),
    'black hole': (t: Test): Promise<number> => deaf(t, '127.87.2.10'),
  }
  for (const [what, closed] of Object.entries(ways)) {
    await t.test(what, async (t) => {
      const gateway = await withPeer(t, '127.87.2.10', await closed(t))
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
        for (const [size, body] of method === 'GET' ? BODIES.slice(0, 1) : BODIES) {
          const answer = await gateway.ask('web.flatnet.internal', {
            path: '/a?b',
            method,
            ...(body === '' ? {} : { body }),
          })
          t.equal(answer.status, 200, `${method}, ${size} body`)
          const asked = echoed(answer)
          t.match(asked, { name: 'gateway-b', method, url: '/a?b' })
          t.ok(asked.body === body, 'the body has arrived once and whole')
          t.match(asked.headers, {
            host: 'web.flatnet.internal',
            'x-flatnet-hop': 'host-a',
            'x-flatnet-target': 'web@host-b',
          })
        }
      }
    })
  }
})

t.test('chunked bodies move on too', async (t) => {
  const gateway = await withPeer(t, '127.87.2.10', await freePort('127.87.2.10'))
  const body = 'c'.repeat(100_000)
  const answer = await gateway.ask('web.flatnet.internal', { method: 'POST', isChunked: true, body })
  t.equal(echoed(answer).body, body)
})

t.test('a container that closes the connection after the request', async (t) => {
  let seen: string[] = []
  const port = await serve(t, '127.87.2.10', (asked) => {
    asked.resume()
    asked.on('end', () => {
      seen.push(asked.method ?? '')
      asked.socket.destroy()
    })
  })
  const gateway = await withPeer(t, '127.87.2.10', port)
  const outcome = async (method: string, body?: string): Promise<string> => {
    seen = []
    const answer = await gateway.ask('web.flatnet.internal', {
      method,
      headers: { accept: 'application/json' },
      ...(body === undefined ? {} : { body }),
    })
    return answer.status === 200 ? echoed(answer).name : String(answer.status)
  }
  for (const method of ['POST', 'PATCH']) {
    t.equal(await outcome(method, 'once'), '502', method)
    t.same(seen, [method], 'never sent twice')
  }
  t.equal(await outcome('GET'), 'gateway-b')
  t.equal(await outcome('PUT', 'small'), 'gateway-b')
  t.equal(await outcome('DELETE'), 'gateway-b')
  t.equal(await outcome('PUT', 'l'.repeat(100_000)), '502', 'a body that was streamed is not there any more')
})

t.test('a container that answers slowly, or with an error, is asked once', async (t) => {
  let count = 0
  const port = await serve(t, '127.87.2.10', (asked, response) => {
    count += 1
    if (asked.url === '/slow') setTimeout(() => response.end('slow'), 4000)
    else {
      response.statusCode = Number(asked.url?.slice(1))
      response.end('own words')
    }
  })
  const gateway = await withPeer(t, '127.87.2.10', port)
  const slow = await gateway.ask('web.flatnet.internal', { path: '/slow' })
  t.same([slow.status, slow.text, count], [200, 'slow', 1])
  for (const status of [500, 502, 503, 504]) {
    const answer = await gateway.ask('web.flatnet.internal', { path: `/${String(status)}` })
    t.same([answer.status, answer.text], [status, 'own words'])
  }
  t.equal(count, 5)
})

t.test('a way that times out is passed over for the next requests', async (t) => {
  const gateway = await withPeer(t, '127.87.2.10', await deaf(t, '127.87.2.10'))
  for (let i = 0; i < 3; i += 1) t.equal(echoed(await gateway.ask('web.flatnet.internal')).name, 'gateway-b')
  const chosen = await gateway.ask('9--web.flatnet.internal')
  t.equal(echoed(chosen).headers['x-flatnet-target'], '9--web@host-b', 'the port goes with the target')
  await waitForLog(gateway, 4)
  const log = await gateway.log()
  t.match(log[0], { route: 'http-gateway web@host-b', try_status: '504, 200' })
  t.match(log[1], { route: 'http-gateway web@host-b', try_status: '200' }, 'without a try at the container')
})

t.test('without another HTTP Gateway there is an answer that says so', async (t) => {
  const gateway = await startGateway(t)
  const port = await deaf(t, '127.87.2.10')
  await gateway.push('PUT', '/v1/self', SELF)
  const containers = [{ names: ['web'], address: '127.87.2.10', port, ports: [port] }]
  await gateway.push('PUT', '/v1/hosts/host-b', hostDocument('host-b', containers))
  const answer = await gateway.ask('web.flatnet.internal', { headers: { accept: 'application/json' } })
  t.match([answer.status, answer.headers['x-flatnet-error']], [504, 'no-answer-in-time'])
})

async function waitForLog(gateway: TestGateway, lines: number): Promise<void> {
  await waitUntil(
    `${String(lines)} lines in the log`,
    5000,
    async () => (await gateway.log()).length >= lines,
  )
}
