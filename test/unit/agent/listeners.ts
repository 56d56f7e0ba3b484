import { type IncomingMessage, request } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import t, { type Test } from 'tap'

import { type Listeners, makeListeners, type Offers } from '../../../src/agent/listeners.ts'
import { AGENT_DEFAULTS } from '../../../src/config/agent-settings.ts'
import type { World } from '../../../src/agent/world.ts'
import { ip, prefix } from '../../fixtures/addresses.ts'

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
  /** The status of a GET, or what kept it away. */
  readonly get: (address: string, path: string) => Promise<number | string>
}

/** A host whose overlay address is 127.86.1.1 and whose gateway probe's is 127.87.1.3. */
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
  const listeners = makeListeners(
    () => world,
    () => 'flatnet_up 1\n',
    OFFERS,
    (packets) => (onLink += packets),
    (level, msg, fields = {}) => logged.push({ level, msg, ...fields }),
  )
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

t.test('who may ask what, and where', async (t) => {
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

t.test('metrics where the settings name it, once where they name what is served anyway', async (t) => {
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

t.test('an address that is not there yet is no trouble, and keeps none of the others away', async (t) => {
  // Nobody's (RFC 5737): as the overlay address is while Nebula is down.
  const { listeners, get, logged } = await listen(t, '192.0.2.1/24')
  await listeners.keep()
  await listeners.keep()
  t.equal(await get('127.0.0.1', '/metrics'), 200)
  t.same(logged, [])
})

t.test('a port that somebody else has is logged once, and taken when it is free', async (t) => {
  const { listeners, port, get, logged } = await listen(t)
  const other = createServer().listen(port, '127.0.0.1')
  await once(other, 'listening')
  await listeners.keep()
  await listeners.keep()
  t.match(logged, [{ level: 'warn', msg: 'address not usable', address: '127.0.0.1', error: /EADDRINUSE/ }])
  t.equal(logged.length, 1)
  other.close()
  await once(other, 'close')
  await listeners.keep()
  t.equal(await get('127.0.0.1', '/metrics'), 200)
})

t.test('after the end nobody listens', async (t) => {
  const { listeners, get } = await listen(t)
  await listeners.keep()
  await listeners.close()
  t.equal(await get('127.0.0.1', '/metrics'), 'ECONNREFUSED')
})

t.test('a container learns nothing on an overlay address', async (t) => {
  const { listeners, port, get, onLink } = await listen(t)
  await listeners.keep()
  t.equal(await get('127.86.1.1', '/certificates'), 200, 'a host does')
  t.equal(onLink(), 13.5, 'and its question is no traffic of containers')
  const asking = request({ host: '127.86.1.1', port, path: '/certificates', localAddress: '127.87.2.10' })
  asking.end()
  const [response] = (await once(asking, 'response')) as [IncomingMessage]
  response.resume()
  t.equal(response.statusCode, 403)
  t.equal(onLink(), 13.5, 'a container asks by the bridge')
})
