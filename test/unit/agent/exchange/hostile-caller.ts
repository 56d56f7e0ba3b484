import { request, type RequestOptions } from 'node:http'
import { connect } from 'node:net'
import t from 'tap'

import { MOST_LEARNT, storeLearnt } from '../../../../src/state/agent/learnt-peers.ts'
import { forgedPem, strangerPem } from '../../../fixtures/certificates.ts'
import { freePort, pemOf, startAgent, type TestAgent } from './fixtures/hosts.ts'

interface Answer {
  readonly status: number
  readonly body: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

function ask(agent: TestAgent, from: string, options: RequestOptions, body = ''): Promise<Answer> {
  const { overlay: host, port } = agent
  return new Promise((resolve, reject) => {
    const asking = request({
      host,
      port,
      path: '/v1/certificates',
      localAddress: from,
      agent: false,
      ...options,
    })
    asking.on('error', reject)
    asking.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          body: Buffer.concat(chunks).toString(),
          headers: response.headers,
        }),
      )
    })
    asking.end(body)
  })
}

const post = async (agent: TestAgent, from: string, body: string): Promise<number> =>
  (await ask(agent, from, { method: 'POST' }, body)).status

t.test('only a valid certificate from its own address is accepted', async (t) => {
  const agent = await startAgent(t, 1, await freePort())
  const own = { name: 'x', overlay: ['127.86.7.1/16'], subnets: ['10.87.7.0/24'] }
  const cases: readonly (readonly [says: string, body: string, status: number, why: string])[] = [
    ['nothing', '', 400, 'unreadable'],
    ['garbage', '\0\u{1f600}-----BEGIN', 400, 'unreadable'],
    ['a foreign CA', strangerPem(own), 400, 'foreign-ca'],
    ['a forged signature', forgedPem(own), 400, 'forged'],
    ['expired', pemOf(7, { notAfter: Date.UTC(2024, 0, 1) / 1000 }), 400, 'expired'],
    ["another host's", pemOf(8), 403, 'wrong-address'],
    ['too large', 'x'.repeat(65_537), 413, 'too-large'],
  ]
  for (const [says, body, status, why] of cases) {
    agent.counts.length = 0
    t.equal(await post(agent, '127.86.7.1', body), status, says)
    t.same(agent.whys(), [why], says)
  }
  t.same(agent.known(), [])
  t.equal(await post(agent, '127.86.7.1', pemOf(7)), 204, 'a valid one is still accepted')
  t.equal(await post(agent, '127.86.1.1', agent.pem), 400, 'our own certificate is not learnt')
  t.same(agent.known(), ['host-7'])
  t.equal(
    agent.logged.length,
    cases.length - 1,
    'each is logged once, the two without a fingerprint together',
  )
  t.end()
})

t.test('a hundred refusals are logged once and counted a hundred times', async (t) => {
  const agent = await startAgent(t, 1, await freePort())
  const pem = strangerPem()
  for (let index = 0; index < 100; index++) await post(agent, '127.86.7.1', pem)
  t.equal(agent.whys().length, 100)
  t.equal(agent.logged.length, 1)
  t.end()
})

t.test('the list begins with our own certificate and is sent once to each caller', async (t) => {
  const agent = await startAgent(t, 1, await freePort())
  await post(agent, '127.86.7.1', pemOf(7))
  const { status, body, headers } = await ask(agent, '127.86.7.1', {})
  t.equal(status, 200)
  const list = JSON.parse(body) as { version: number; certificates: string[] }
  t.equal(list.version, 1)
  t.equal(list.certificates[0], agent.pem)
  t.equal(list.certificates.length, 2)
  const again = await ask(agent, '127.86.7.1', { headers: { 'if-none-match': headers['etag'] as string } })
  t.same([again.status, again.body], [304, ''])
  await post(agent, '127.86.8.1', pemOf(8))
  const later = await ask(agent, '127.86.7.1', { headers: { 'if-none-match': headers['etag'] as string } })
  t.equal(later.status, 200, 'sent again after a change')
  t.end()
})

t.test('a caller that sends slowly or nothing is dropped, and others are served', async (t) => {
  const agent = await startAgent(t, 1, await freePort())
  const sockets = [
    'POST /v1/certificates HTTP/1.1\r\nhost: x\r\ncontent-length: 500\r\n\r\n',
    'GET /v1/cer',
    '',
  ].map((text) => {
    const socket = connect({ host: agent.overlay, port: agent.port, localAddress: '127.86.7.1' })
    socket.on('error', () => undefined)
    socket.write(text)
    const drip = setInterval(() => socket.write('x'), 200)
    return new Promise<void>((resolve) =>
      socket.resume().on('close', () => {
        clearInterval(drip)
        resolve()
      }),
    )
  })
  t.equal(await post(agent, '127.86.7.1', pemOf(7)), 204)
  await Promise.all(sockets)
  t.pass('all were let go')
  t.end()
})

t.test('a full store refuses the caller with the reason', async (t) => {
  const agent = await startAgent(t, 1, await freePort())
  const others = Array.from({ length: MOST_LEARNT }, (_, index) => ({
    fingerprint: index.toString(16).padStart(64, '0'),
    pem: 'x',
  }))
  storeLearnt(agent.dataDir, others, '')
  t.equal(await post(agent, '127.86.7.1', pemOf(7)), 507)
  t.same(agent.whys(), ['full'])
  t.end()
})
