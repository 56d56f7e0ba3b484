// What the agent pushes: bad documents are refused and the last good ones stay; starts from the file on disk;
// reloads that drop no request.

import { readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { hostDocument, SELF } from '../../fixtures/http-gateway/documents.ts'
import { echo, echoed, serve } from '../../fixtures/http-gateway/http.ts'
import { startGateway, type TestGateway } from '../../fixtures/http-gateway/nginx.ts'
import { waitUntil } from '../../../scripts/lab/run.ts'

const HOST = 'web.flatnet.internal'

async function named(gateway: TestGateway, host = HOST): Promise<string> {
  const answer = await gateway.ask(host)
  return answer.status === 200 ? echoed(answer).name : String(answer.status)
}

async function withWeb(t: Test): Promise<{ gateway: TestGateway; port: number }> {
  const gateway = await startGateway(t)
  const port = await serve(t, '127.87.1.10', echo('web'))
  await gateway.push('PUT', '/v1/self', SELF)
  await gateway.push('PUT', '/v1/hosts/host-a', webOn(port))
  return { gateway, port }
}

function webOn(port: number, more: Readonly<Record<string, unknown>> = {}) {
  return hostDocument('host-a', [{ names: ['web'], address: '127.87.1.10', port, ports: [port] }], more)
}

t.test('bad documents', async (t) => {
  const { gateway, port } = await withWeb(t)
  const container = (more: object) => ({
    ...webOn(port, { seq: 9 }),
    containers: [{ names: ['web'], address: '127.87.1.10', port, ports: [port], ...more }],
  })
  const cases: readonly (readonly [string, unknown, number, RegExp])[] = [
    ['no JSON', '{"version":1,', 400, /not JSON/],
    ['nothing', '', 400, /not JSON/],
    ['a list', '[]', 400, /version/],
    ['a text', '"web"', 400, /object/],
    ['another version', { ...webOn(port), version: 2 }, 400, /version 1 only/],
    ['another host', { ...webOn(port), host: 'host-b' }, 400, /host/],
    ['no sequence', { ...webOn(port), seq: -1 }, 400, /epoch, seq/],
    ['an unknown path', webOn(port, { seq: 9, path: 'teleport' }), 400, /path/],
    ['a gateway by name', webOn(port, { seq: 9, gateway: 'evil.example:80' }), 400, /gateway/],
    ['a gateway without port', webOn(port, { seq: 9, gateway: '127.0.0.1' }), 400, /gateway/],
    ['a strange subnet', webOn(port, { seq: 9, subnets: ['10.0.0.0/64'] }), 400, /subnets/],
    ['containers as an object', webOn(port, { seq: 9, containers: { a: 1 } }), 400, /containers/],
    ['an address outside', container({ address: '127.87.2.10' }), 400, /outside/],
    ['an address of metadata', container({ address: '169.254.169.254' }), 400, /outside/],
    ['an address that is none', container({ address: '127.87.1.10:80' }), 400, /outside/],
    ['a name with dots', container({ names: ['a.b'] }), 400, /DNS label/],
    ['a name with a newline', container({ names: ['a\nb'] }), 400, /DNS label/],
    ['a name like a port', container({ names: ['80--web'] }), 400, /DNS label/],
    ['a name in upper case', container({ names: ['Web'] }), 400, /DNS label/],
    ['a name that is a number', container({ names: [7] }), 400, /DNS label/],
    ['port 0', container({ port: 0 }), 400, /port/],
    ['port 65536', container({ ports: [65_536] }), 400, /port/],
    ['a fraction of a port', container({ ports: [80.5] }), 400, /port/],
    [
      'NaN',
      JSON.stringify(webOn(port, { seq: 9, more: 0 })).replace('"more":0', '"more":NaN'),
      400,
      /not JSON/,
    ],
    [
      '1e999',
      JSON.stringify(webOn(port, { seq: 9, more: 0 })).replace('"more":0', '"more":1e999'),
      400,
      /Inf/,
    ],
    ['an older sequence', webOn(port, { seq: 1 }), 409, /older than 1-1/],
    ['an older epoch', webOn(port, { epoch: 0, seq: 99 }), 409, /older/],
    ['too large', webOn(port, { seq: 9, more: 'x'.repeat(9_000_000) }), 413, /./],
  ]
  for (const [what, body, status, says] of cases) {
    const answer = await gateway.push('PUT', '/v1/hosts/host-a', body)
    t.equal(answer.status, status, what)
    t.match(answer.text, says, what)
    t.equal(await named(gateway), 'web', `${what}: the last good state stays`)
  }
  for (const body of ['{', { version: 2 }, { ...SELF, domain: 'a..b' }, { ...SELF, host: 'Host A' }])
    t.equal((await gateway.push('PUT', '/v1/self', body)).status, 400)
  t.equal(await named(gateway), 'web')
  t.equal((await gateway.push('GET', '/v1/nothing')).status, 404)
})

t.test('newer documents, other hosts, and their end', async (t) => {
  const { gateway, port } = await withWeb(t)
  const shop = hostDocument('host-b', [{ names: ['shop'], address: '127.87.2.10', port, ports: [port] }])
  await serve(t, '127.87.2.10', echo('shop'), port)
  await gateway.push('PUT', '/v1/hosts/host-b', { ...shop, unknown: 'fields are ignored' })
  t.equal(await named(gateway, 'shop.flatnet.internal'), 'shop')
  await gateway.push('PUT', '/v1/hosts/host-a', hostDocument('host-a', [], { seq: 2 }))
  t.equal(await named(gateway), '404')
  t.equal(await named(gateway, 'shop.flatnet.internal'), 'shop')
  await gateway.push('PUT', '/v1/hosts/host-a', webOn(port, { epoch: 2, seq: 1 }))
  t.equal(await named(gateway), 'web', 'a newer epoch begins with a lower sequence')
  await gateway.push('DELETE', '/v1/hosts/host-b')
  t.equal(await named(gateway, 'shop.flatnet.internal'), '404')
  await gateway.push('PUT', '/v1/self', { ...SELF, domain: 'lan.test' })
  t.equal(await named(gateway), '404')
  t.equal(await named(gateway, 'web.lan.test'), 'web')
  const held = JSON.parse((await gateway.push('GET', '/v1/hosts')).text) as unknown
  t.match(held, { hosts: { 'host-a': '2-1' }, self: { domain: 'lan.test' } })
})

t.test('memory for names that is full', async (t) => {
  const { gateway, port } = await withWeb(t)
  let status = 200
  for (let i = 0; status === 200 && i < 100; i += 1) {
    const name = `x${String(i)}`
    const document = { ...hostDocument('host-b', [], { more: 'y'.repeat(3_000_000) }), host: name }
    status = (await gateway.push('PUT', `/v1/hosts/${name}`, document)).status
  }
  t.equal(status, 507)
  t.equal(await named(gateway), 'web', 'the names so far are still there')
  t.match((await gateway.status('/metrics')).text, /flatnet_http_state_free_bytes \d+/)
  t.equal((await gateway.push('DELETE', '/v1/hosts/x0')).status, 200)
  t.equal((await gateway.push('PUT', '/v1/hosts/host-a', webOn(port, { seq: 3 }))).status, 200)
})

t.test('a start from the file on disk, without an agent', async (t) => {
  const port = await serve(t, '127.87.1.10', echo('web'))
  const snapshot = { version: 1, self: SELF, hosts: [webOn(port), { host: 'broken' }] }
  const gateway = await startGateway(t, { snapshot: JSON.stringify(snapshot), workers: 2 })
  for (let i = 0; i < 8; i += 1) t.equal(await named(gateway), 'web')
  t.equal((await gateway.status('/readyz')).status, 200)
})

t.test('damaged files on disk do not keep nginx from starting', async (t) => {
  for (const snapshot of [
    '',
    '{',
    '[]',
    '{"version":2}',
    '{"version":1,"self":7,"hosts":[1,null,{}]}',
    '{"version":1,"self":{"version":1,"host":"a","domain":"b","more":1e999},"hosts":[]}',
    '\0\0',
  ]) {
    await t.test(JSON.stringify(snapshot), async (t) => {
      const gateway = await startGateway(t, { snapshot })
      t.equal((await gateway.status('/healthz')).status, 200)
      const ready = await gateway.status('/readyz')
      t.match([ready.status, ready.text], [503, /the agent has pushed nothing yet/])
      await gateway.push('PUT', '/v1/self', SELF)
      t.equal((await gateway.status('/readyz')).status, 200)
    })
  }
})

t.test('a file on disk that is too large to read does not either', async (t) => {
  const gateway = await startGateway(t)
  await gateway.stop()
  const path = join(gateway.folder, 'snapshot.json')
  await writeFile(path, '')
  await truncate(path, 3 * 1024 ** 3)
  await gateway.start()
  t.match(await readFile(join(gateway.folder, 'log/http-gateway-error.log'), 'utf8'), /bytes are too many/)
})

t.test('reloads under load drop no request, and keep the state', async (t) => {
  const port = await serve(t, '127.87.1.10', echo('web'))
  const gateway = await startGateway(t, { workers: 2 })
  await gateway.push('PUT', '/v1/self', SELF)
  await gateway.push('PUT', '/v1/hosts/host-a', webOn(port))
  await waitUntil('both workers know', 5000, async () => {
    for (let i = 0; i < 20; i += 1) if ((await named(gateway)) !== 'web') return false
    return true
  })
  let isOver = false
  const failures: string[] = []
  let count = 0
  const load = Array.from({ length: 4 }, async () => {
    while (!isOver) {
      const name = await named(gateway).catch((error: unknown) => String(error))
      count += 1
      if (name !== 'web') failures.push(name)
    }
  })
  for (let i = 0; i < 5; i += 1) {
    const before = count
    await gateway.signal('reload')
    await gateway.push('PUT', '/v1/hosts/host-a', webOn(port, { seq: i + 2 }))
    await waitUntil('some requests', 5000, async () => count > before + 50)
  }
  isOver = true
  await Promise.all(load)
  t.same(failures, [])
})

t.test('a killed worker comes back with the state', async (t) => {
  const { gateway } = await withWeb(t)
  const said = JSON.parse((await gateway.push('GET', '/v1/status')).text) as { worker: number }
  process.kill(said.worker, 'SIGKILL')
  await waitUntil('an answer', 5000, async () => (await named(gateway).catch(() => '')) === 'web')
})

t.test('a broken Lua file refuses the reload, and the old workers go on', async (t) => {
  const { gateway } = await withWeb(t)
  await writeFile(join(gateway.folder, 'lua/flatnet/route.lua'), 'this is no Lua')
  await gateway.signal('reload')
  const errors = join(gateway.folder, 'log/http-gateway-error.log')
  await waitUntil('nginx’s refusal', 5000, async () => (await readFile(errors, 'utf8')).includes('route.lua'))
  t.equal(await named(gateway), 'web')
})
