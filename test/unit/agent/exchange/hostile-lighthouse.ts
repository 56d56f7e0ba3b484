import { createServer, type RequestListener } from 'node:http'
import t, { type Test } from 'tap'

import { forgedPem, hostPem, strangerPem } from '../../../fixtures/certificates.ts'
import { freePort, pemOf, startAgent } from './fixtures/hosts.ts'

const ADDRESS = '127.86.1.1'

/** Starts a program that listens in the lighthouse's place. */
async function listen(t: Test, port: number, handle: RequestListener): Promise<void> {
  const server = createServer(handle)
  await new Promise<void>((resolve) => server.listen(port, ADDRESS, resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
}

t.test('garbage in its list is refused, counted and logged once; the rest of the list is used', async (t) => {
  const rubbish = {
    'foreign-ca': strangerPem({ name: 'x', overlay: ['127.86.7.1/16'] }),
    forged: forgedPem({ name: 'x', overlay: ['127.86.7.1/16'] }),
    expired: pemOf(8, { notAfter: Date.UTC(2024, 0, 1) / 1000 }),
    'not-yet-valid': pemOf(9, { notBefore: Date.UTC(2050, 0, 1) / 1000 }),
    unreadable: 'garbage',
    'too-large': 'x'.repeat(65_537),
  }
  const ours = hostPem({ name: 'host-2', overlay: ['127.86.2.1/16'] })
  const good = pemOf(5)
  const certificates = [...Object.values(rubbish), ours, good, good]
  const port = await freePort()
  await listen(t, port, (_, response) =>
    response.end(JSON.stringify({ version: 1, certificates, more: 'later' })),
  )
  const b = await startAgent(t, 2, port, { lighthouses: [ADDRESS] })
  await b.exchange.roundNow()
  await b.exchange.roundNow()
  t.same(b.known(), ['host-5'])
  t.same(b.whys(), [...Object.keys(rubbish), ...Object.keys(rubbish)])
  t.same(
    b.logged.map(({ why }) => why),
    Object.keys(rubbish),
  )
  t.end()
})

t.test('an answer that is not a list is a failure', async (t) => {
  const answers: Readonly<Record<string, RequestListener>> = {
    'no JSON': (_, response) => response.end('<html>'),
    'no list': (_, response) => response.end('{"version": 1, "certificates": {"0": "x"}}'),
    'no texts': (_, response) => response.end('{"version": 1, "certificates": [[]]}'),
    'no version': (_, response) => response.end('{"certificates": []}'),
    'too many': (_, response) =>
      response.end(JSON.stringify({ version: 1, certificates: Array(10_000).fill('x') })),
    'an error': (_, response) => response.writeHead(500).end(),
    // A client that followed this redirect would find the list and count an answer.
    'a redirect': ({ url }, response) =>
      url === '/there'
        ? response.end('{"version": 1, "certificates": []}')
        : response.writeHead(302, { location: '/there' }).end(),
    'cut short': (_, response) => {
      response.writeHead(200, { 'content-length': 100 })
      response.write('{"version"', () => response.destroy())
    },
    'without end': (_, response) => {
      const more = (): void => {
        if (!response.destroyed) response.write('x'.repeat(1_000_000), more)
      }
      more()
    },
    'no HTTP': ({ socket }) => socket.end('\0\0\0\0'),
    'huge headers': (_, response) => response.writeHead(200, { x: 'y'.repeat(50_000) }).end(),
  }
  let answer: RequestListener = (_, response) => response.end()
  const port = await freePort()
  await listen(t, port, (request, response) => answer(request, response))
  const b = await startAgent(t, 2, port, { lighthouses: [ADDRESS] })
  await b.exchange.roundNow()
  for (const [name, handle] of Object.entries(answers)) {
    answer = handle
    b.counts.length = 0
    await b.exchange.roundNow()
    t.same(b.counts, [{ kind: 'pull', result: 'failed' }], name)
  }
  t.end()
})

t.test('an answer that never begins or never ends does not delay the rest for long', async (t) => {
  const port = await freePort()
  let isSilent = true
  await listen(t, port, (_, response) => {
    if (isSilent) return
    const drip = setInterval(() => response.write(' '), 100)
    response.on('close', () => clearInterval(drip))
  })
  const b = await startAgent(t, 2, port, { lighthouses: [ADDRESS] })
  await b.exchange.roundNow()
  isSilent = false
  await b.exchange.roundNow()
  t.same(b.counts, [
    { kind: 'pull', result: 'failed' },
    { kind: 'pull', result: 'failed' },
  ])
  t.end()
})
