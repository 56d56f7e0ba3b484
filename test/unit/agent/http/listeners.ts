import { type IncomingMessage, request } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import t, { type Test } from 'tap'

import { type Listeners, makeListeners, type Offers } from '../../../../src/agent/http/listeners.ts'
import { AGENT_DEFAULTS } from '../../../../src/config/agent-settings.ts'
import type { World } from '../../../../src/agent/world/world.ts'
import { ip, prefix } from '../../../fixtures/addresses.ts'

const OFFERS: Offers = {
  overlay: {
    '/certificates': { methods: ['GET'], handle: (_, response) => void response.end('certificates') },
  },
  gateway: { '/report': { methods: ['GET'], handle: (_, response) => void response.end('report') } },
}

interface Listening {
  readonly listeners: Listeners
  readonly port: number
  readonly logged: object[]
  /** Packets on the nebula link so far. */
  readonly onLink: () => number
  /** Returns the status of a GET, or the error. */
  readonly get: (address: string, path: string) => Promise<number | string>
}

/** Starts a host whose overlay address is 127.86.1.1 and whose gateway probe address is 127.87.1.3. */
async function listen(
  t: Test,
  overlay = '127.86.1.1/16',
  metricsOn: readonly string[] = [],
): Promise<Listening> {
  const free = createServer().listen(0, '127.0.0.1')
  await once(free, 'listening')
  const { port } = free.address() as AddressInfo
  free.close()
  await once(free, 'close')
  const logged: object[] = []
  const identity = { overlay: [prefix(overlay)], subnets: [prefix('127.87.1.0/24')] } as const
  const world = {
    identity: identity as unknown as World['identity'],
    agent: { ...AGENT_DEFAULTS, port, metricsOn: metricsOn.map(ip) },
    settings: { pools: [prefix('127.87.0.0/16')] },
  }
  let onLink = 0
  const listeners = makeListeners({
    world: () => world,
    metricsText: () => 'flatnet_up 1\n',
    offers: OFFERS,
    onLink: (packets) => (onLink += packets),
    log: (level, msg, fields = {}) => logged.push({ level, msg, ...fields }),
  })
  t.teardown(() => listeners.close())
  const get = async (address: string, path: string): Promise<number | string> => {
    try {
      const response = await fetch(`http://${address}:${String(port)}${path}`)
      await response.text()
      return response.status
    } catch (error) {
      const { code } = (error as { cause?: { code?: string } }).cause ?? {}
      return code ?? String(error)
    }
  }
  return { listeners, port, logged, get, onLink: () => onLink }
}

t.test('which clients may request what, and on which address', async (t) => {
  const { listeners, get, logged } = await listen(t)
  await listeners.keep()
  const cases: readonly (readonly [address: string, path: string, answer: number | string])[] = [
    ['127.0.0.1', '/metrics', 200],
    ['127.0.0.1', '/certificates', 404],
    ['127.0.0.1', '/report', 404],
    ['127.86.1.1', '/metrics', 200],
    ['127.86.1.1', '/certificates', 200],
    ['127.87.1.3', '/report', 200],
    ['127.87.1.3', '/metrics', 404],
    ['127.87.1.3', '/certificates', 404],
    ['127.87.1.1', '/metrics', 'ECONNREFUSED'],
    ['127.0.0.2', '/metrics', 'ECONNREFUSED'],
  ]
  for (const [address, path, answer] of cases) t.equal(await get(address, path), answer, `${address} ${path}`)
  t.same(logged, [])
})

t.test('metrics are served on configured addresses, once each', async (t) => {
  const { listeners, get, logged } = await listen(t, '127.86.1.1/16', [
    '127.0.0.2',
    '127.86.1.1',
    '127.0.0.1',
  ])
  await listeners.keep()
  t.equal(await get('127.0.0.2', '/metrics'), 200)
  t.equal(await get('127.0.0.2', '/certificates'), 404)
  t.equal(await get('127.86.1.1', '/certificates'), 200)
  t.same(logged, [])
})

t.test('a missing address is not an error, and does not prevent the others', async (t) => {
  // An address that no machine has (RFC 5737), like the overlay address while Nebula is down.
  const { listeners, get, logged } = await listen(t, '192.0.2.1/24')
  await listeners.keep()
  await listeners.keep()
  t.equal(await get('127.0.0.1', '/metrics'), 200)
  t.same(logged, [])
})

t.test('a port of another program is logged once, and opened when it is free', async (t) => {
  const { listeners, port, get, logged } = await listen(t)
  const other = createServer().listen(port, '127.0.0.1')
  await once(other, 'listening')
  await listeners.keep()
  await listeners.keep()
  t.match(logged, [{ level: 'warn', msg: 'address not usable', address: '127.0.0.1', error: /EADDRINUSE/ }])
  t.equal(logged.length, 1)
  t.match([...listeners.closed()], [['127.0.0.1', /EADDRINUSE/]], 'it is reported on request')
  other.close()
  await once(other, 'close')
  await listeners.keep()
  t.equal(await get('127.0.0.1', '/metrics'), 200)
  t.same([...listeners.closed()], [])
})

t.test('nothing listens after the end', async (t) => {
  const { listeners, get } = await listen(t)
  await listeners.keep()
  await listeners.close()
  t.equal(await get('127.0.0.1', '/metrics'), 'ECONNREFUSED')
})

t.test('a container is refused on an overlay address', async (t) => {
  const { listeners, port, get, onLink } = await listen(t)
  await listeners.keep()
  t.equal(await get('127.86.1.1', '/certificates'), 200, 'a host gets an answer')
  t.equal(onLink(), 13.5, 'its request does not count as container traffic')
  const asking = request({ host: '127.86.1.1', port, path: '/certificates', localAddress: '127.87.2.10' })
  asking.end()
  const [response] = (await once(asking, 'response')) as [IncomingMessage]
  response.resume()
  t.equal(response.statusCode, 403)
  t.equal(onLink(), 13.5, 'a container asks through the bridge')
})
